"""What travels over the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from app.models import Status

Reference = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{2,31}$")]
Place = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$"),
]


class ShipmentIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reference: Reference
    origin: Place
    destination: Place
    status: Status = "planned"


class ShipmentOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    reference: str
    origin: str
    destination: str
    status: Status
    created_at: datetime
