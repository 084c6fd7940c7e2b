// SPDX-License-Identifier: Apache-2.0

/// Recognises Python web programs.
enum PythonProgram {
    /// The program in a folder; nil when it is none that serves HTTP.
    static func detect(_ tree: FileTree) -> DetectedProgram? {
        let dependencies = PythonDependencies(of: tree)
        guard
            var program = django(tree, dependencies) ?? fastAPI(tree, dependencies)
                ?? flask(tree, dependencies)
        else {
            return nil
        }
        program.build = install(tree, dependencies) + program.build
        if dependencies.has("pytest"), tree.paths.contains(where: isTest) {
            program.test = [".venv/bin/pytest -q"]
        }
        program.health = HealthRoute.check(in: tree)
        return program
    }

    private static func fastAPI(_ tree: FileTree, _ dependencies: PythonDependencies) -> DetectedProgram? {
        guard dependencies.has("fastapi", "starlette") else { return nil }
        let entry = PythonEntry.fastAPI(in: tree)
        let target = entry.map { "\($0.options)\($0.module):\($0.name)" } ?? "main:app"
        var program = DetectedProgram(
            kind: "FastAPI",
            program: .command(".venv/bin/uvicorn \(target) --host 127.0.0.1 --port $PORT"),
        )
        if entry == nil {
            program.remarks.append("The name main:app is a guess: no 'app = FastAPI(…)' was found")
        }
        if !dependencies.has("uvicorn", "standard") { program.build = [".venv/bin/pip install uvicorn"] }
        return program
    }

    private static func flask(_ tree: FileTree, _ dependencies: PythonDependencies) -> DetectedProgram? {
        guard dependencies.has("flask") else { return nil }
        let entry = PythonEntry.flask(in: tree)
        let target =
            entry.map { $0.name.hasSuffix(")") ? "'\($0.module):\($0.name)'" : "\($0.module):\($0.name)" }
            ?? "app:app"
        var program = DetectedProgram(kind: "Flask", program: .command(""))
        if dependencies.has("gunicorn") {
            let folder = entry.map { $0.folder == "." ? "" : "--chdir \($0.folder) " } ?? ""
            program.program = .command(".venv/bin/gunicorn \(folder)--bind 127.0.0.1:$PORT \(target)")
        } else {
            let run = ".venv/bin/flask --app \(target) run --host 127.0.0.1 --port $PORT"
            program.program = .command(run)
            program.remarks.append("This is Flask's development server: add gunicorn to the requirements")
        }
        if entry == nil {
            program.remarks.append("The name app:app is a guess: no 'app = Flask(…)' was found")
        }
        return program
    }

    private static func django(_ tree: FileTree, _ dependencies: PythonDependencies) -> DetectedProgram? {
        guard tree.has("manage.py"), dependencies.has("django") else { return nil }
        let settings = tree.text("manage.py")?.firstMatch(of: #/["']([A-Za-z_][\w.]*)\.settings/#)?.1
        let package = settings.map(String.init) ?? "config"
        var program = DetectedProgram(kind: "Django", program: .command(""))
        if dependencies.has("gunicorn") {
            program.program = .command(".venv/bin/gunicorn --bind 127.0.0.1:$PORT \(package).wsgi")
        } else if dependencies.has("uvicorn") {
            program.program = .command(
                ".venv/bin/uvicorn \(package).asgi:application --host 127.0.0.1 --port $PORT"
            )
        } else {
            program.program = .command(".venv/bin/python manage.py runserver --noreload 127.0.0.1:$PORT")
            program.remarks.append("This is Django's development server: add gunicorn to the requirements")
        }
        let collects = tree.paths.contains {
            $0.hasSuffix("settings.py") && tree.text($0)?.contains("STATIC_ROOT") == true
        }
        if collects { program.build = [".venv/bin/python manage.py collectstatic --noinput"] }
        return program
    }

    private static func install(_ tree: FileTree, _ dependencies: PythonDependencies) -> [String] {
        let development = tree.first(
            of: "requirements-dev.txt",
            "requirements-test.txt",
            "requirements/dev.txt",
        )
        let hasTests = tree.paths.contains(where: isTest)
        let file = (hasTests ? development : nil) ?? tree.first(of: "requirements.txt")
        let needsBoth =
            file == development && development != nil
            && tree.has("requirements.txt")
            && !(development.flatMap(tree.text)?.contains("requirements.txt") ?? true)
        let options = file.map { (needsBoth ? "-r requirements.txt " : "") + "-r \($0)" } ?? "."
        return ["python3 -m venv .venv", ".venv/bin/pip install \(options)"]
    }

    private static func isTest(_ path: String) -> Bool {
        let name = FileTree.name(of: path)
        return name.hasSuffix(".py") && (name.hasPrefix("test_") || name.hasSuffix("_test.py"))
    }
}
