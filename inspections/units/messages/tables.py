"""Tables of outgoing messages: letters, how each was received, and the text messages that announce them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from inspections.record.columns import UtcDateTime, Word


class MessageAbout(StrEnum):
    """Why the bureau writes to an operator."""

    LINK_HANDED = "link_handed"
    LINK_RENEWED = "link_renewed"
    OVERDUE = "overdue"
    ANSWER_RETURNED = "answer_returned"
    LISTING_NOTICE = "listing_notice"


class DeliveryWay(StrEnum):
    """How a letter reaches its operator."""

    IN_PERSON = "in_person"
    LEFT = "left"
    POSTED = "posted"
    ELECTRONIC = "electronic"


class Receipt(StrEnum):
    """What shows that a letter was received."""

    SIGNED = "signed"
    REFUSED = "refused"
    POST_SLIP = "post_slip"
    IN_RECORD = "in_record"


class TextState(StrEnum):
    """How far a text message is; one that was given up is said on the desk, its letter stays."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"


class OutgoingMessage(SQLModel, table=True):
    """A message to an operator: a letter first of all; written once, printed, delivered, or withdrawn."""

    __tablename__ = "outgoing_messages"
    __table_args__ = (Index("ix_outgoing_messages_unit_id", "unit_id"),)

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="catering_units.id")
    about: MessageAbout = Field(sa_type=Word(MessageAbout))
    reference: str = Field(unique=True, description="what it follows from: the same is written once")
    text: str = Field(sa_type=Text, description="paragraphs, one a line")
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str
    printed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    printed_by: str | None = None
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_by: str | None = None
    withdrawn_because: str = Field(default="", sa_type=Text)


class Delivery(SQLModel, table=True):
    """How a letter was delivered; appended, the newest one counts."""

    __tablename__ = "message_deliveries"
    __table_args__ = (Index("ix_message_deliveries_message_id", "message_id"),)

    id: int | None = Field(default=None, primary_key=True)
    message_id: int = Field(foreign_key="outgoing_messages.id")
    delivered_on: date
    way: DeliveryWay = Field(sa_type=Word(DeliveryWay))
    handed_over_by: str
    receipt: Receipt = Field(sa_type=Word(Receipt))
    received_by: str = Field(default="", description="who signed for it, never public")
    note: str = Field(default="", sa_type=Text, description="why it was refused and who saw it, or the slip")
    recorded_by: str
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class UnitContact(SQLModel, table=True):
    """The mobile number an operator gave for text messages; appended, the newest one counts, never public."""

    __tablename__ = "unit_contacts"
    __table_args__ = (Index("ix_unit_contacts_unit_id", "unit_id"),)

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="catering_units.id")
    mobile: str | None = Field(default=None, description="none: the operator wants no text messages")
    recorded_by: str
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class TextMessage(SQLModel, table=True):
    """A text message that announces a letter, for the gateway that a setting names."""

    __tablename__ = "text_messages"
    __table_args__ = (Index("ix_text_messages_state_next_at", "state", "next_at"),)

    id: int | None = Field(default=None, primary_key=True)
    message_id: int = Field(foreign_key="outgoing_messages.id", unique=True)
    public_id: str = Field(unique=True, description="random; by it a gateway knows a repetition")
    mobile: str
    text: str = Field(sa_type=Text)
    state: TextState = Field(default=TextState.WAITING, sa_type=Word(TextState))
    attempts: int = 0
    next_at: datetime = Field(sa_type=UtcDateTime)


class TextAttempt(SQLModel, table=True):
    """One attempt to hand a text message to the gateway, written before anything is sent."""

    __tablename__ = "text_attempts"
    __table_args__ = (Index("ix_text_attempts_text_message_id", "text_message_id"),)

    id: int | None = Field(default=None, primary_key=True)
    text_message_id: int = Field(foreign_key="text_messages.id")
    begun_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str | None = Field(default=None, sa_type=Text, description="none: ended before an answer came")
