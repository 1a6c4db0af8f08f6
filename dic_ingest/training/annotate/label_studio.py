"""Label Studio's JSON: tasks with a draft to accept, edit or reject, and its exports read back.

In: candidates, or an export (JSON, full form). Out: tasks, or answers as `answers.py` knows them.
Format: labelstud.io/guide/task_format, as of version 1.20.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dic_ingest.training.annotate.figures import Candidate

VERDICTS = ("accept", "edit", "reject")
CONFIG = """<View>
  <Header value="$head"/>
  <Image name="image" value="$image" zoom="true"/>
  <Header value="What was read exactly"/>
  <Text name="reading" value="$reading"/>
  <Header value="Caption (edit it where it is wrong)"/>
  <TextArea name="caption" toName="image" rows="8" editable="true" maxSubmissions="1" value="$draft"/>
  <Choices name="verdict" toName="image" choice="single" required="true">
    <Choice value="accept"/>
    <Choice value="edit"/>
    <Choice value="reject"/>
  </Choices>
</View>
"""


def task(candidate: Candidate, image: str) -> dict[str, Any]:
    """One task; `image` is a data URI, so that no storage has to be set up."""
    return {
        "data": {
            "key": candidate.key,
            "head": f"{candidate.document}, page {candidate.page} {candidate.label}".strip(),
            "image": image,
            "draft": candidate.draft,
            "reading": candidate.diagram.to_text() if candidate.diagram.nodes else "nothing",
        }
    }


def read_export(tasks: list[Any]) -> Iterator[tuple[str, str, str, str]]:
    """(annotator, key, verdict, caption) for each annotation that has a verdict; cancelled ones are skipped.

    Raises KeyError, TypeError or AttributeError on other input.
    """
    for item in tasks:
        key, draft = str(item["data"]["key"]), str(item["data"].get("draft", ""))
        for done in item["annotations"]:
            if done.get("was_cancelled"):
                continue
            verdict, caption = "", draft
            for result in done["result"]:
                value = result["value"]
                if result["from_name"] == "verdict" and value["choices"]:
                    verdict = str(value["choices"][0])
                elif result["from_name"] == "caption" and value["text"]:
                    text = value["text"]
                    caption = str(text[-1] if isinstance(text, list) else text)
            if verdict in VERDICTS:
                yield _who(done.get("completed_by")), key, verdict, caption


def _who(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("email") or value.get("username") or value.get("id") or "unknown")
    return f"user {value}" if value is not None else "unknown"
