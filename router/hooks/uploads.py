"""Files that a client has sent with its request, until they are sent on."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """One file.

    Attributes:
        token: stands for it in the variables. It tells one content from another, so that answers to different files are
            kept apart wherever answers are kept.
        content_type: empty if the client did not say.
    """

    token: str
    filename: str
    content_type: str
    content: bytes = field(repr=False)
