"""`/api/shipments`."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.database import SessionDep
from app.models import Shipment
from app.schemas import Reference, ShipmentIn, ShipmentOut

router = APIRouter(prefix="/api/shipments", tags=["shipments"])


@router.get("", response_model=list[ShipmentOut])
async def list_shipments(session: SessionDep, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> Sequence[Shipment]:
    newest_first = select(Shipment).order_by(Shipment.created_at.desc(), Shipment.id.desc())
    return (await session.scalars(newest_first.limit(limit))).all()


@router.post("", status_code=201, response_model=ShipmentOut)
async def create_shipment(body: ShipmentIn, session: SessionDep, response: Response) -> Shipment:
    shipment = Shipment(**body.model_dump())
    session.add(shipment)
    try:
        await session.commit()
    except IntegrityError:
        raise HTTPException(409, f"shipment {body.reference} already exists") from None
    response.headers["Location"] = f"{router.prefix}/{body.reference}"
    return shipment


@router.get("/{reference}", response_model=ShipmentOut)
async def read_shipment(reference: Reference, session: SessionDep) -> Shipment:
    shipment = await session.scalar(select(Shipment).where(Shipment.reference == reference))
    if shipment is None:
        raise HTTPException(404, f"no shipment {reference}")
    return shipment
