"""What can go wrong in the domain: errors carry ids and words, never HTTP status codes."""

from __future__ import annotations

from feel.text import Text


class DomainError(Exception):
    """Root of everything the domain refuses or fails at; ``text`` is for people."""

    text = Text("操作未能完成。", "The operation could not be completed.")

    def __init__(self, *ids: object, text: Text | None = None) -> None:
        super().__init__(*ids)
        if text is not None:
            self.text = text

    def __str__(self) -> str:
        ids = ", ".join(str(part) for part in self.args)
        return f"{self.text.en} ({ids})" if ids else self.text.en


class Refusal(DomainError):
    """The rules say no; what was asked for is recorded after the rollback."""


class NotFound(DomainError):
    """The object does not exist, or must look as if it did not."""

    text = Text("没有找到，或您无权查看。", "Not found, or not visible to you.")


class NotAllowed(Refusal):
    """The actor may see the object but may not do this to it."""

    text = Text("您没有办理此操作的权限。", "You are not allowed to do this.")


class Conflict(Refusal):
    """Somebody else was faster, or the page that was sent is stale."""

    text = Text(
        "此事项刚被他人更新，请核对后重试。", "Somebody has just changed this; check and try again."
    )


class TaskAlreadyDone(Conflict):
    """A second completion of the same task; ``done_by`` and ``done_at`` explain the first."""

    def __init__(self, task_id: int, done_by: str = "", done_at: str = "") -> None:
        super().__init__(
            task_id,
            text=Text(
                f"本环节已由{done_by or '他人'}于{done_at}办理，本次提交未生效。",
                f"This task was already done by {done_by or 'somebody'} at {done_at}; "
                "your submission had no second effect.",
            ),
        )


class TaskNotOpen(Conflict):
    """The task was cancelled or moved on before this arrived."""

    text = Text("本环节已经结束或被取消。", "This task has ended or was cancelled.")


class AlreadySigned(Conflict):
    """Another person signed for the task first."""

    def __init__(self, task_id: int, holder: str) -> None:
        super().__init__(
            task_id,
            text=Text(f"本环节已由{holder}签收。", f"{holder} has already signed for this task."),
        )


class TaskPaused(Conflict):
    """The handling clock of the task stands still; what changes hands must first go on."""

    text = Text("本环节已暂停，请先恢复办理。", "This task is suspended; resume it first.")


class InvalidInput(DomainError):
    """Input that breaks a rule of the domain; ``errors`` maps field to words."""

    text = Text("请检查标出的内容。", "Please check the marked fields.")

    def __init__(self, errors: dict[str, Text]) -> None:
        super().__init__(*sorted(errors))
        self.errors = errors


class Incident(DomainError):
    """The engine could not go on; rolled back, recorded with its element, retryable."""

    def __init__(
        self, case_id: int | None, element: str, text: Text, values: object = None
    ) -> None:
        super().__init__(case_id, element, text=text)
        self.case_id = case_id
        self.element = element
        self.values = values


class Misconfigured(DomainError):
    """A setting is missing or unsafe; the program does not start."""

    def __init__(self, name: str, text: Text) -> None:
        super().__init__(name, text=text)
