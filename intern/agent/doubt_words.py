"""What the harness says to a small model that it doubts, and the words by which it tells what a task asks for."""

from __future__ import annotations

import re

REPEATED = (
    "this is the same code as in the step before, so it was not run again: its output is above. If that answers the task, "
    "call final_answer with it now; else write different code."
)
REPEATED_ERROR = (
    "this is the same code that has just failed, so it was not run again. Read the error and the hints above and write "
    "different code: {reason}"
)
HOLLOW = (
    "that code only prints your own words; nothing was looked at or computed. Write code that opens the data, calls a "
    "function or computes the result, and print that."
)
UNSEEN = (
    "nothing was run for this task yet, so an answer would be a guess. Reply with a block of Python code that finds the "
    "answer out or does the work."
)
ONLY_LOOKED = (
    "so far you have only seen the beginning of what was given, as printed above. If anything must be counted, computed, "
    "changed or tried, write code that does it and print the result. If what is printed above is the whole answer, send "
    "final_answer again."
)
LED_NOWHERE = (
    "Note from the harness: steps {since} to {upto} failed and are left out here. Their last error: {reason}\n{hints}Do "
    "it in another, simpler way, in a few lines; load the data anew if they changed it."
)
EXAMPLE = "that is the code of the example, which was another task and is done. Reply with code for this task: {task}"
UNWRITTEN = (
    "the task asks for the file {name}, but it was not written. Write the whole of it from your code ({how}), check it, "
    "then answer."
)
HOW_TO_WRITE = {
    ".csv": "table.to_csv('{name}', index=False)", ".tsv": "table.to_csv('{name}', sep='\\t', index=False)",
    ".json": "json.dump(value, open('{name}', 'w'))", ".png": "plt.savefig('{name}')", ".svg": "plt.savefig('{name}')",
    ".jpg": "plt.savefig('{name}')", ".npy": "numpy.save('{name}', array)", ".parquet": "table.to_parquet('{name}')",
}  # fmt: skip
LOST = (
    "{name} has lost its last lines, which were not the mistake. Put them back and run it, with this code:\n"
    "open('{name}', 'a').write({lines!r})\nprint(shell(command='python {name}')['output'])"
)
AS_TEXT = "open('{name}', 'w').write(text)"
UNCHANGED = (
    "the task asks to change the file {name}, but it is as it was. Change it like this, and keep all else: "
    "text = open('{name}').read().replace('old words', 'new words'); open('{name}', 'w').write(text), where the old words are "
    "copied from it as they stand:\n{text}"
)
UNRUN = "{name} was not run as it is now. Run it: print(shell(command='python {name}')['output'])"
STILL_FAILS = (
    "{name} is not right yet: {reason}. Find what else is wrong in it and mend that too, with text.replace(...), then answer. "
    "It holds now:\n{text}"
)
STILL_WRONG = (
    "{name} is not right yet: {reason}. Write the whole file once more with what is wrong mended; do not answer before. It "
    "holds now:\n{text}"
)
OF_LABEL = (
    "{key}.max() or min() is the last or first {key} itself, not the one with the most or the least. Take that of the values: "
    "totals = table.groupby('{key}')['value'].sum(); print(totals.sort_values(ascending=False).head(3), totals.idxmax())"
)
WON_BY = "The harness prints the values by which the code has chosen: the task asks for them too."
INCOMPLETE = (
    "the task asks for {count} values: {asked}. Your answer has fewer. Write code that prints every one of them with its "
    "name; then send final_answer with all of them."
)
UNSPLIT = (
    "the task asks for a measure on rows that were held out, but no code has split the data: what was measured was learnt "
    "before. Split with train_test_split as the task says, fit on the one part only and measure on the other."
)
UNDEFAULTED = "the signature says {values}. Send final_answer with that and all else that the task asks for."
CITED_ELSEWHERE = (
    "that is not the page where it stands. It stands here: {line}. Send final_answer again with the right page."
)
UNSUPPORTED = (
    "the number {number} in your answer was never printed by any code. Compute it and put the variable into the answer, like "
    "final_answer(f'... {{value}}'); leave out what was not measured.{printed}"
)
BEGINNING = "# The task says {left}: "
"""How code begins that is written with that in mind."""
UNDECIDED = (
    "the task asks: {asked} Your answer gives values and no verdict. Let the code decide, like verdict = 'the first is better' "
    "if a > b else 'the second is better', with the names of what was compared, and send final_answer(f'{{verdict}} ...') with "
    "the verdict and all values."
)
UNUSED = (
    "the task says {left}, but no code has used that. Compute it again with everything that the task says, step by step, one "
    "variable for each, and print each with its name."
)
UNMENTIONED = (
    "the audit at the beginning also found this, which your answer does not say: {worries} Send final_answer with all that "
    "was found."
)
UNCOMPARED = (
    "your answer says what is better or the most, but no code has compared. Let the code choose, for example "
    "best = max(results, key=results.get) with results = {name: value}, print(results, best), and put all of it into the "
    "answer."
)
UNVALUED = (
    "your answer names a winner without the values that it won by. Print the values of all that were compared, each with "
    "its name, and put them into the answer."
)
UNNAMED = (
    "your answer names a winner without all the values that were compared. Send final_answer again with your verdict and "
    "these values in it, like final_answer(f'... ({values})')."
)
REPETITIVE = (
    "{entries} is one entry again and again. If different ones were asked for, count each once (collections.Counter(...)"
    ".most_common(n), value_counts(), set) and print them with their counts."
)
ITSELF = (
    "a correlation of 1 is that of a column with itself: leave that column out, for example correlations.drop(name), and "
    "print the others again, each with its name."
)
VALUELESS = "that is the page alone. Send final_answer with what the task asks for and its page, from this line: {line}"
UNCITED = (
    "the task asks for the page: add it to the answer, like (p. N), from the line above that states the value{line}. Send "
    "final_answer with all that the task asks for, and the page."
)
SAME_ENTRIES = re.compile(r"\[('[^'\n]+'|\"[^\"\n]+\")(?:, \1)+\]")
PERFECT = re.compile(r"(?<![\w.])1\.0+(?!\d)")
LABELLED = re.compile(r"^[^:\n]{2,40}: (\S.{0,60})$", re.MULTILINE)
"""A line as code prints a result: its name and its value."""
WARNED = re.compile(r"^\w*Warning: .*\n?", re.MULTILINE)
"""What a library says to programmers, as the sandbox prints it: neither a result nor for the person."""
COMPARING = re.compile(
    r"\b(?:better|best|worse|worst|(?:high|low|larg|small|great|strong|weak)(?:er|est)|most|fewest|outperform)",
    re.IGNORECASE,
)
YES_OR_NO = re.compile(
    r"(?:^|[.!?:,]\s+)(?:is|are|was|were|does|do|did|has|have|can|could|should|will)\s[^.?!]*\?", re.IGNORECASE
)
VERDICT = re.compile(
    r"\b(?:yes|no|not|better|best|worse|worst|more|most|less|least|same|equal|equally|\w{3,}er than|higher|lower|larger|smaller|"
    r"outperforms?|beats?|true|false)\b", re.IGNORECASE,
)  # fmt: skip
ABOUT_RUNNING = re.compile(r"\b(?:runs?|running|prints?|printed|outputs?|execut\w+)\b", re.IGNORECASE)
ABOUT_PAGES = re.compile(r"\b(?:cit(?:e|es|ing|ation)|pages?)\b", re.IGNORECASE)
PAGE = re.compile(r"\b(?:pp?\.|pages?\b)", re.IGNORECASE)
HOLDING_OUT = re.compile(
    r"\bh[eo]ld(?:ing)?[ -]?out|\btest (?:set|part|data|rows|accuracy|error|score)|\btest_size\b|\bfor testing\b|"
    r"\btraining and test\b", re.IGNORECASE,
)  # fmt: skip
LEARNING = frozenset({"fit", "backward", "fit_transform", "partial_fit"})
SPLITTING = re.compile(r"split|fold|cross_val|permutation|sample|shuffle|iloc\[|\[:\s*\w|\w\s*:\]|mask", re.IGNORECASE)
TRACEBACK = re.compile(r"Traceback \(most recent call last\)|^[A-Z]\w*(?:Error|Exception)\b", re.MULTILINE)
AUDIT = "Found in an audit: "
ABOUT_FAULTS = re.compile(
    r"\b(?:wrong|problem|issue|fault|flaw|mistake|error|quality|clean|inspect|check|audit|defect|anomal|suspicious|"
    r"strange|odd\b|weird|fishy|trust|usable|broken|off with)", re.IGNORECASE,
)  # fmt: skip
ASKS_MORE = re.compile(
    r"\bhow (?:many|much|often)\b|\bwhich (?:rows?|lines?|one)\b|\baccurac|\bmean\b|\baverage|\bmedian|"
    r"\b(?:plot|fix|repair|remov|drop|sav(?:e|ing)|writ)", re.IGNORECASE,
)  # fmt: skip
"""What a question about faults alone does not ask for."""
DOUBLED = re.compile(r"duplicat|repeat|twice|identical|more than once", re.IGNORECASE)
