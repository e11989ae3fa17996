"""What the program itself says in a conversation, in plain English; ``_`` says it in the person's language."""

from core.messages import N_

WELCOME = N_("You are welcome.")
GREETING = N_("Hello. Ask me anything about your documents.")
NOTHING_BEFORE = N_("There is no answer before this one. Ask something about your documents first.")
NOTHING_CITED = N_("The last answer quotes no place in your documents, so it cannot be checked against one.")
SAID_THERE = N_("It is said here:")
SURE = N_("Your documents say so:")
UNSURE = N_("This is not certain. The nearest that your documents say:")
STILL = N_("Your documents say:")
NO_READER = N_("This needs a model that can read; lectern models pull standard fetches one. The last answer was:")
ASKED_AND_ANSWERED = N_("You asked: “{question}” I answered: {answer}")
NO_DOCUMENTS = N_("There are no documents in this library yet.")
AND_MORE = N_("{names} and {count} more")
FROM_LAST_ANSWER = N_("Made from the last answer and its sources, without a search.")
