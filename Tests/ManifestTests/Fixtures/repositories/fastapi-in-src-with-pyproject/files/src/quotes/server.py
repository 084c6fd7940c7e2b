import fastapi

api: fastapi.FastAPI = fastapi.FastAPI()


@api.get("/healthz")
async def healthz():
    return {"ok": True}
