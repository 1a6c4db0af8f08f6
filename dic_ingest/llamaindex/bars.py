"""Progress of a reader's files: tqdm bars as LlamaIndex shows them, and the user's own callback."""

from __future__ import annotations

from types import TracebackType

from tqdm.auto import tqdm

from dic_ingest.progress import OnProgress, ProgressEvent, Stage


class Watch:
    """Takes the events of `files` files, shows them where `show` is set and passes them on to `on_progress`.

    `error` is what `on_progress` raised, so that a reader can tell it from what a bad file raises.
    """

    def __init__(self, files: int, show: bool = False, on_progress: OnProgress | None = None) -> None:
        self.on_progress = on_progress
        self.error: Exception | None = None
        self._files = tqdm(total=files, desc="Loading files", unit="file", disable=not show)
        self._figures = tqdm(total=0, desc="Describing figures", unit="figure", disable=not show)

    def __call__(self, event: ProgressEvent) -> None:
        """Show and pass on one event."""
        if event.stage is Stage.DESCRIBE and event.done == 0:
            self._figures.total += event.total
            self._figures.refresh()
        elif event.figure:
            self._figures.update()
        if self.on_progress is None:
            return
        try:
            self.on_progress(event)
        except Exception as error:
            self.error = error
            raise

    def file_ended(self) -> None:
        """One file was read, or failed."""
        self._files.update()

    def __enter__(self) -> Watch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._figures.close()
        self._files.close()
