// SPDX-License-Identifier: Apache-2.0
import Manifest
import Testing

@Suite("A Python program")
struct PythonProgramTests {
    @Test(
        "with FastAPI is found where its application object is",
        arguments: [
            (["main.py": "app = FastAPI()"], "main:app"),
            (["main.py": "import x", "app/main.py": "api = FastAPI(\n)"], "app.main:api"),
            (["app.py": "app = FastAPI()", "main.py": "web = FastAPI()"], "main:web"),
            (["b/c.py": "app = FastAPI()", "z.py": "root = FastAPI()"], "z:root"),
            (["pkg/__init__.py": "app: FastAPI = fastapi.FastAPI(title='a')"], "pkg:app"),
            (["tests/main.py": "app = FastAPI()"], "main:app"),
            (["conftest.py": "other = FastAPI()"], "main:app"),
            (["a.py": "    app = FastAPI()"], "main:app"),
            (["a.py": "app = Starlette(routes)"], "a:app"),
        ] as [([String: String], String)],
    )
    func fastAPI(_ files: [String: String], _ target: String) {
        let requirements = ["requirements.txt": "fastapi\nuvicorn\n"]
        let detection = ProjectDetection(files.merging(requirements) { $1 })
        #expect(detection.onlyCommand == ".venv/bin/uvicorn \(target) --host 127.0.0.1 --port $PORT")
    }

    @Test(
        "whose application object is not found says that its name is a guess",
        arguments: ["fastapi", "flask"],
    )
    func guess(_ framework: String) {
        let detection = ProjectDetection(["requirements.txt": framework + "\ngunicorn\nuvicorn"])
        #expect(detection.services.first?.remarks.count == 1)
        #expect(detection.services.first?.remarks.first?.contains("is a guess") == true)
    }

    @Test(
        "with Django is run by the server that it depends on",
        arguments: [
            ("django\ngunicorn", ".venv/bin/gunicorn --bind 127.0.0.1:$PORT shop.wsgi"),
            (
                "Django[argon2]>=5\nuvicorn",
                ".venv/bin/uvicorn shop.asgi:application --host 127.0.0.1 --port $PORT",
            ),
            ("django", ".venv/bin/python manage.py runserver --noreload 127.0.0.1:$PORT"),
        ],
    )
    func django(_ requirements: String, _ command: String) {
        let files = ["requirements.txt": requirements, "manage.py": "os.environ['X'] = 'shop.settings'"]
        let detection = ProjectDetection(files)
        #expect(detection.onlyCommand == command)
        #expect(detection.services.first?.kind == "Django")
        #expect(
            detection.remarks == [
                "Django's migrations are not supported yet: run 'manage.py migrate' yourself."
            ]
        )
    }

    @Test(
        "is installed with what its tests need, when it has tests",
        arguments: [
            (["requirements.txt": "flask"], "-r requirements.txt"),
            (
                ["requirements.txt": "flask", "requirements-dev.txt": "-r requirements.txt"],
                "-r requirements.txt",
            ),
            (
                [
                    "requirements.txt": "flask", "requirements-dev.txt": "-r requirements.txt\npytest",
                    "test_a.py": "",
                ],
                "-r requirements-dev.txt",
            ),
            (
                ["requirements.txt": "flask", "requirements-dev.txt": "pytest", "tests/a_test.py": ""],
                "-r requirements.txt -r requirements-dev.txt",
            ),
            (["pyproject.toml": "dependencies = ['flask']"], "."),
        ] as [([String: String], String)],
    )
    func install(_ files: [String: String], _ options: String) {
        let service = ProjectDetection(files).services.first
        #expect(service?.build == ["python3 -m venv .venv", ".venv/bin/pip install \(options)"])
        let hasPytest = files.values.contains { $0.contains("pytest") }
        #expect(service?.test == (hasPytest ? [".venv/bin/pytest -q"] : []))
    }

    @Test(
        "is asked at the health route that it names",
        arguments: [
            ("@app.get('/health')", "/health", [:]), ("path(\"/healthz\")", "/healthz", [:]),
            ("'/health'; return {'status': 'healthy'}", "/health", ["status": "healthy"]),
            ("'/health'; return Health(status=\"healthy\")", "/health", ["status": "healthy"]),
            ("'/healthy'", nil, [:]),
        ] as [(String, String?, [String: String])],
    )
    func health(_ text: String, _ path: String?, _ expect: [String: String]) {
        let health = ProjectDetection(["requirements.txt": "flask", "app.py": text]).services.first?.health
        #expect(health == path.map { HealthCheckManifest(path: $0, expect: expect) })
    }

    @Test("is none without a web framework", arguments: ["", "requests", "fastapi-utils", "flaskette"])
    func none(_ requirements: String) {
        #expect(ProjectDetection(["requirements.txt": requirements, "main.py": ""]).services == [])
    }
}
