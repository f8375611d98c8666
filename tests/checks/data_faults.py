"""Faults of the data."""

from __future__ import annotations

from scene import Scene, fault


@fault("a column that is not there", "data", "no column 'reply'")
def a_column_that_is_not_there(s: Scene) -> None:
    s.source["columns"]["completion"] = "reply"


@fault("a row longer than max_length", "data", "data.max_length")
def a_row_longer_than_maxlength(s: Scene) -> None:
    s.data["max_length"] = 40


@fault("an id used twice", "data", "was already used")
def an_id_used_twice(s: Scene) -> None:
    s.rows[5]["id"] = s.rows[0]["id"]


@fault("a group on both sides", "data", "A group must be on one side")
def a_group_on_both_sides(s: Scene) -> None:
    s.source["side"] = "train"
    s.data["sources"].append(
        {"type": "csv", "path": "exam.csv", "licence": "CC0-1.0", "side": "test"}
    )
    (s.folder / "exam.csv").write_text(
        f"id,question,answer,group\nx1,Is it bad?,It is not.,{s.rows[0]['topic']}\n"
    )


@fault("a file in another encoding", "data", "cp1252")
def a_file_in_another_encoding(s: Scene) -> None:
    s.source["path"] = "old.csv"
    text = "id,question,answer,topic\n1,What is it?,Ménière’s disease.,ear\n"
    (s.folder / "old.csv").write_bytes(text.encode("cp1252"))


@fault("question and answer exchanged", "columns-swapped")
def question_and_answer_exchanged(s: Scene) -> None:
    columns = s.source["columns"]
    columns["prompt"], columns["completion"] = columns["completion"], columns["prompt"]


@fault("answers cut by an export", "answers-cut-off")
def answers_cut_by_an_export(s: Scene) -> None:
    s.answers(lambda text: f"{text} {text}"[:90])


@fault("one answer for nearly everything", "one-answer")
def one_answer_for_nearly_everything(s: Scene) -> None:
    for index, row in enumerate(s.rows):
        if index % 4:
            # A row that repeats another to the letter is dropped; these differ in the question.
            row["answer"] = "Please ask a clinician about this."


@fault("the answer stands in the prompt", "answer-in-prompt")
def the_answer_stands_in_the_prompt(s: Scene) -> None:
    for row in s.rows:
        row["question"] = f"{row['question']} {row['answer']}"


@fault("text read in a wrong encoding", "wrong-encoding")
def text_read_in_a_wrong_encoding(s: Scene) -> None:
    s.rows[3]["answer"] += " MÃ©niÃ¨re."


@fault("a web page's markup", "markup-in-text")
def a_web_pages_markup(s: Scene) -> None:
    s.answers(lambda text: f"<p>{text}</p>")


@fault("the template's marks in the text", "special-token-in-text", "r2-0")
def the_templates_marks_in_the_text(s: Scene) -> None:
    s.rows[4]["answer"] += " <|end|> <|user|> And then?"


@fault("test rows in training", "test-rows-in-training")
def rows_of_the_test_in_training(s: Scene) -> None:
    s.data.update({"near_duplicate": None, "max_length": 512})
    words = " ".join(f"word{n}" for n in range(60))
    s.answers(lambda text: f"{words} {text[-10:]}")


@fault("the same question on both sides", "question-on-both-sides")
def the_same_question_on_both_sides(s: Scene) -> None:
    del s.source["columns"]["group"]
    for index, row in enumerate(s.rows):
        row["question"] = f"What helps against trouble number {index // 4}?"


@fault("no test rows", "no-test-rows")
def no_test_rows(s: Scene) -> None:
    s.data["test_share"] = 0


@fault("too few test groups for a verdict", "few-test-groups")
def too_few_test_groups_for_a_verdict(s: Scene) -> None:
    for index, row in enumerate(s.rows):
        row["topic"] = f"topic {index % 9}"


@fault("many rows dropped for length", "many-rows-lost")
def many_rows_dropped_for_length(s: Scene) -> None:
    s.data.update({"max_length": 170, "too_long": "drop"})
    for row in s.rows[::3]:
        row["answer"] = " ".join([row["answer"]] * 6)


@fault("data without licence", "data-licence-unknown")
def data_without_licence(s: Scene) -> None:
    del s.source["licence"]


@fault("signs of people", "identifiers", "e-mail address in 2 rows")
def signs_of_people(s: Scene) -> None:
    for row in s.rows[:2]:
        row["answer"] += " Write to jane.roe@example.org."


@fault("an upload of data with signs of people", "identifiers", "push_to_hub refuses")
def an_upload_of_data_with_signs_of(s: Scene) -> None:
    s.recipe["export"] = {"push_to_hub": "someone/model"}
    s.rows[0]["answer"] += " MRN: 12345678."


@fault("rows without a group", "no-group", "`topic` has 72 values")
def rows_without_a_group(s: Scene) -> None:
    del s.source["columns"]["group"]


@fault("a group column with holes", "group-partly-empty", "20 of 144 rows")
def a_group_column_with_holes(s: Scene) -> None:
    for row in s.rows[:20]:
        row["topic"] = ""


@fault("nothing to choose the best checkpoint by", "no-validation-rows", "checkpoint")
def nothing_to_choose_the_best_checkpoint_by(s: Scene) -> None:
    s.data["validation_share"] = 1e-6


@fault("a test share to raise", "few-test-groups", "Set data.test_share: 0.")
def a_test_share_to_raise(s: Scene) -> None:
    s.data["test_share"] = 0.02


@fault("all rows held out", "no-training-rows", "no row is left to train on")
def all_rows_held_out(s: Scene) -> None:
    s.data["sources"][0]["side"] = "test"


@fault("too few items for a verdict", "few-test-groups", "Set evaluate.max_items: 16")
def too_few_items_for_a_verdict(s: Scene) -> None:
    s.recipe["evaluate"]["max_items"] = 8


@fault("held-out rows of one source in another", "held-out-rows-in-training", "3 rows of mine.csv")
def held_out_rows_of_one_source_in_another(s: Scene) -> None:
    lines = ["question,answer,group"]
    for n, row in enumerate(s.rows[:3]):
        lines.append(f'"{row["question"]}","{row["answer"]}",mine-{n}')
    lines.append("What is it?,It is one.,mine-3")
    (s.folder / "mine.csv").write_text("\n".join(lines))
    s.source["side"] = "test"
    mine = {"type": "csv", "path": "mine.csv", "licence": "CC0-1.0", "side": "train"}
    s.data["sources"].append(mine)
