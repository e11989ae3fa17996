"""Draw pages of known text, have each engine recognize them, and print its character errors and speed.

    python benchmarks/recognition.py [--pages N] [--engine NAME]

Four languages (sentences of the Universal Declaration of Human Rights, and figures), each page clean at 200 dpi, at 150
dpi, skewed by two degrees, and with noise, in a serif and a sans-serif face. Character error: edits over characters of
the text that was drawn, white space evened out. "left out" is the share of lines below the certainty that counts.
"""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from rapidfuzz.distance import Levenshtein

from ingest.recognition import engines
from ingest.recognition.lines import Picture, Recognizer, recognized

TEXTS = {
    "English": (
        "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience "
        "and should act towards one another in a spirit of brotherhood. Everyone has the right to life, liberty and "
        "security of person. No one shall be held in slavery or servitude; slavery and the slave trade shall be "
        "prohibited in all their forms. Invoice 2025-0417 of 3 June 2025: 1,284.50 EUR, payable within 30 days."
    ),
    "German": (
        "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt "
        "und sollen einander im Geist der Brüderlichkeit begegnen. Jeder hat das Recht auf Leben, Freiheit und "
        "Sicherheit der Person. Niemand darf in Sklaverei oder Leibeigenschaft gehalten werden; Maßnahmen größerer "
        "Übermacht sind ausgeschlossen. Rechnung 2025-0417 vom 3. Juni 2025: 1.284,50 €, zahlbar binnen 30 Tagen."
    ),
    "French": (
        "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de "
        "conscience et doivent agir les uns envers les autres dans un esprit de fraternité. Tout individu a droit à la "
        "vie, à la liberté et à la sûreté de sa personne. Nul ne sera tenu en esclavage ni en servitude, où que ce "
        "soit. Facture 2025-0417 du 3 juin 2025 : 1 284,50 €, payable à 30 jours, reçue par Françoise."
    ),
    "Spanish": (
        "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón "
        "y conciencia, deben comportarse fraternalmente los unos con los otros. Todo individuo tiene derecho a la "
        "vida, a la libertad y a la seguridad de su persona. ¿Quién lo duda? Ningún niño estará sometido a esclavitud "
        "ni a servidumbre. Factura 2025-0417 del 3 de junio de 2025: 1.284,50 €, pagadera en 30 días."
    ),
}
FACES = ("LiberationSerif-Regular.ttf", "LiberationSans-Regular.ttf")
FONTS = Path("/usr/share/fonts/truetype/liberation")
DPI = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1, help="pages of each language and condition")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--fonts", type=Path, default=FONTS)
    given = parser.parse_args()
    print(
        "| engine | language | " + " | ".join(f"{name}: error, left out" for name in CONDITIONS) + " | s/page | CPU s |"
    )
    print("|---" * (len(CONDITIONS) + 4) + "|")
    for engine in engines.load(given.engine):
        for language, text in TEXTS.items():
            cells, wall, processor = [], [], []
            for change in CONDITIONS.values():
                errors = edits = lines = unread = 0
                for number in range(given.pages):
                    picture, drawn = change(*page(text, given.fonts / FACES[number % 2], number))
                    began, used = time.perf_counter(), _used()
                    found, left_out, count = read(engine, picture)
                    wall.append(time.perf_counter() - began)
                    processor.append(_used() - used)
                    errors += Levenshtein.distance(found, drawn)
                    edits += len(drawn)
                    unread, lines = unread + left_out, lines + count
                cells.append(f"{errors / edits:.4f}, {unread / max(1, lines):.2f}")
            speed = f"{np.median(wall):.1f} | {np.median(processor):.1f}"
            print(f"| {engine.name} | {language} | {' | '.join(cells)} | {speed} |", flush=True)


def _used() -> float:
    """Processor seconds of this process and of those that it waited for."""
    times = os.times()
    return float(times.user + times.system + times.children_user + times.children_system)


def read(engine: Recognizer, picture: Picture) -> tuple[str, int, int]:
    """What an engine reads, and how many lines were left out, of how many."""
    found = engine.lines(picture)
    page = recognized(found, engine.name)
    return " ".join(" ".join(page.lines).split()), page.left_out, len(found)


def page(text: str, face: Path, number: int) -> tuple[Picture, str]:
    """A page of A4 at 200 dpi with the text, written on until it is full, and that text."""
    picture = Image.new("RGB", (1654, 2339), "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(str(face), round(11 / 72 * DPI))
    words = (f"{number + 1}. " + text).split()
    lines: list[str] = []
    line = ""
    for word in words * 4:
        if draw.textlength(f"{line} {word}", font) > 1654 - 2 * 200:
            lines.append(line.strip())
            line = ""
        line += f" {word}"
    for at, one in enumerate(lines[:38]):
        draw.text((200, 200 + at * 48), one, font=font, fill="black")
    return np.asarray(picture), " ".join(" ".join(lines[:38]).split())


def clean(picture: Picture, text: str) -> tuple[Picture, str]:
    return picture, text


def coarse(picture: Picture, text: str) -> tuple[Picture, str]:
    image = Image.fromarray(picture)
    size = (image.width * 150 // DPI, image.height * 150 // DPI)
    return np.asarray(image.resize(size, Image.Resampling.BILINEAR)), text


def skewed(picture: Picture, text: str) -> tuple[Picture, str]:
    image = Image.fromarray(picture).rotate(2, Image.Resampling.BICUBIC, fillcolor="white")
    return np.asarray(image), text


def noisy(picture: Picture, text: str) -> tuple[Picture, str]:
    """Blurred a little, grey, with Gaussian noise and specks."""
    chance = np.random.default_rng(7)
    image = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(0.8))).astype(np.float32)
    grey = 0.8 * image + 35 + chance.normal(0, 22, image.shape[:2])[:, :, None]
    grey[chance.random(image.shape[:2]) < 0.003] = 0
    return np.clip(grey, 0, 255).astype(np.uint8), text


CONDITIONS: dict[str, Callable[[Picture, str], tuple[Picture, str]]] = {
    "clean": clean,
    "150 dpi": coarse,
    "skewed 2°": skewed,
    "noisy": noisy,
}


if __name__ == "__main__":
    main()
