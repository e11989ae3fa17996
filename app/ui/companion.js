// Clicks, keys, the clipboard and what is read aloud, for the HTML that the page shows. It makes no markup of any text.
let current = null;
let last = null;
let number = 0;
let touched = false;
const touch = () => { touched = true; };
let busy = false;
let found = false;
let stood = Infinity;

// Streamlit calls this again with new data; what the call before it has begun ends then.
export default function (component) {
  if (current) current();
  const end = start(component);
  current = end;
  return () => { end(); if (current === end) current = null; };
}

function start({ data, parentElement, setTriggerValue }) {
  const live = parentElement.querySelector(".lc-live");
  const find = (selector) => document.querySelector(selector);
  const say = (text) => { if (live.textContent !== text) live.textContent = text; };

  const copy = async (button) => {
    const text = button.dataset.text;
    try {
      if (button.dataset.html && window.ClipboardItem) {
        await navigator.clipboard.write([new ClipboardItem({
          "text/plain": new Blob([text], { type: "text/plain" }),
          "text/html": new Blob([button.dataset.html], { type: "text/html" }),
        })]);
      } else {
        await navigator.clipboard.writeText(text);
      }
      const before = button.textContent;
      button.textContent = button.dataset.done;
      say(button.dataset.done);
      setTimeout(() => { button.textContent = before; }, 1500);
    } catch (error) {
      say(button.dataset.failed);
      button.textContent = button.dataset.failed;
    }
  };

  const close = (menu, focus) => {
    if (!menu) return;
    menu.open = false;
    if (focus) menu.querySelector("summary").focus();
  };

  const onClick = (event) => {
    const element = event.target.closest ? event.target : event.target.parentElement;
    const button = element && element.closest("[data-lc]");
    const menu = element && element.closest("details.lc-more");
    document.querySelectorAll("details.lc-more[open]").forEach((other) => { if (other !== menu) close(other); });
    if (!button) return;
    last = { selector: selectorOf(button), menu: menu };
    if (button.dataset.lc === "copy") copy(button);
    else if (button.dataset.lc === "skip") focusLine(event);
    else {
      number += 1;
      setTriggerValue("act", { ...button.dataset, number: number + "-" + Date.now() });
    }
    close(menu, true);
  };

  // An element may be drawn anew while a drawer is open: it is found again by what it does.
  const selectorOf = (button) => [...button.attributes]
    .filter((attribute) => attribute.name.startsWith("data-") && attribute.value.length < 200)
    .map((attribute) => "[" + attribute.name + "=\"" + CSS.escape(attribute.value) + "\"]").join("");

  const focusLine = (event) => {
    const line = find("[data-testid='stChatInput'] textarea");
    if (event && line) event.preventDefault();
    if (line) line.focus({ preventScroll: true });
  };

  const typing = (element) => element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));

  const onKey = (event) => {
    const at = document.activeElement;
    if (event.key === "Enter" && at && at.closest("[data-testid='stChatInput']")) {
      stood = document.querySelectorAll(".lc-answer").length;
    }
    if (event.key === "/" && !typing(at) && !event.ctrlKey && !event.metaKey && !event.altKey && !find("[role='dialog']")) {
      focusLine(event);
    } else if (at && at.classList.contains("lc-chip") && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      const chips = [...document.querySelectorAll(".lc-chip")];
      const next = chips[chips.indexOf(at) + (event.key === "ArrowRight" ? 1 : -1)];
      if (next) { event.preventDefault(); next.focus(); }
    }
  };

  // Escape closes what is open and does no more: Streamlit hears it at the document too, and would stop the answer.
  const overlay = "[role='dialog'], [role='listbox'], [role='menu'], [data-testid='stPopoverBody'], details.lc-more[open]";
  let closes = false;
  const beforeKey = (event) => { closes = event.key === "Escape" && Boolean(find(overlay)); };
  const afterKey = (event) => {
    if (event.key !== "Escape" || !closes) return;
    event.stopPropagation();
    close(find("details.lc-more[open]"), true);
  };

  const skip = document.createElement("a");
  skip.href = "#";
  skip.className = "lc-skip";
  skip.dataset.lc = "skip";
  skip.textContent = data.skip;
  document.body.prepend(skip);

  // What happens to the answer, said once; the text itself is redrawn too often to be read aloud. A quick answer may stand
  // there before anything showed that it was being written: then there is one more than where the question was sent.
  const follow = () => {
    const now = Boolean(find(".lc-status"));
    const quote = find(".lc-unfinished .lc-quote p");
    if (now && !busy) say(data.working);
    if (now && quote && !found) say(data.evidence + " " + quote.textContent);
    const answers = document.querySelectorAll(".lc-answer");
    if (!now && (busy || answers.length > stood)) {
      if (answers.length) say(data.answered + " " + spoken(answers[answers.length - 1]));
      if (document.activeElement === document.body) focusLine();
      stood = Infinity;
    }
    busy = now;
    found = now && Boolean(quote);
  };
  const spoken = (answer) => {
    const copy = answer.cloneNode(true);
    copy.querySelectorAll(".lc-chip").forEach((chip) => chip.remove());
    return copy.textContent.slice(0, 600);
  };

  // Streamlit's own words where its server has ended ask whether there is an internet.
  const sayGone = () => {
    if (!find("[data-testid='stApp']:not([data-test-connection-state='CONNECTED'])")) return;
    const dialog = find("[role='dialog']");
    const texts = dialog && document.createTreeWalker(dialog, NodeFilter.SHOW_TEXT);
    while (texts && texts.nextNode()) {
      const text = texts.currentNode;
      if (text.nodeValue === "Connection error") text.nodeValue = data.gone;
      else if (text.nodeValue.includes("Streamlit")) text.nodeValue = data.comesBack;
      else if (text.nodeValue.startsWith("streamlit run")) text.nodeValue = "lectern serve";
    }
  };

  // With a mouse at hand the keys are at hand too; on a phone the keyboard would cover the page. The line may be drawn later
  // than this begins, and be drawn anew; who has gone elsewhere meanwhile stays there.
  const focusFirst = () => {
    const at = document.activeElement;
    if (touched || !matchMedia("(pointer: fine)").matches) return;
    if (at === document.body && !find("[role='dialog']")) focusLine();
    else if (at !== document.body && !at.closest("[data-testid='stChatInput']")) touch();
  };

  // Streamlit gives the focus back to what had it; where that was drawn anew meanwhile, it would be lost.
  let open = Boolean(find("[role='dialog']"));
  const watch = new MutationObserver(() => {
    follow();
    focusFirst();
    sayGone();
    const now = Boolean(find("[role='dialog']"));
    if (open && !now && last) {
      setTimeout(() => {
        if (document.activeElement && document.activeElement !== document.body) return;
        const again = last.menu && last.menu.isConnected ? last.menu.querySelector("summary") : find(last.selector);
        if (again) again.focus();
      }, 80);
    }
    if (!open && now) setTimeout(() => {
      const box = find("[role='dialog'] .lc-box, [role='dialog'] mark");
      if (box) box.scrollIntoView({ block: "center" });
    }, 60);
    open = now;
  });
  watch.observe(document.body, { childList: true, subtree: true });
  document.addEventListener("pointerdown", touch);
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  window.addEventListener("keydown", touch, true);
  window.addEventListener("keydown", beforeKey, true);
  document.body.addEventListener("keydown", afterKey);
  focusFirst();
  return () => {
    watch.disconnect();
    skip.remove();
    document.removeEventListener("pointerdown", touch);
    document.removeEventListener("click", onClick);
    document.removeEventListener("keydown", onKey);
    window.removeEventListener("keydown", touch, true);
    window.removeEventListener("keydown", beforeKey, true);
    document.body.removeEventListener("keydown", afterKey);
  };
}
