"""Every SQL statement of orders; each function is one statement."""

from subgraphs.common.database import ReadSession, WriteSession

AnySession = ReadSession | WriteSession
