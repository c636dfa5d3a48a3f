"""Every SQL statement of payments; each function is one statement."""

from subgraphs.common.database import ReadSession, WriteSession

AnySession = ReadSession | WriteSession
