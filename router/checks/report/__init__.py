"""The findings of a check as text: for terminals, programs, Markdown and GitHub. All are functions of the `Check`."""

from router.checks.report.document import build_document
from router.checks.report.github import write_github
from router.checks.report.markdown import write_markdown
from router.checks.report.plain import write_plain

__all__ = ["build_document", "write_github", "write_markdown", "write_plain"]
