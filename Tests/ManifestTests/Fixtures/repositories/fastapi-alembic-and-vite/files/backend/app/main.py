from fastapi import FastAPI

app = FastAPI(title="Tracking")


@app.get("/health")
def health():
    return {"status": "healthy"}
