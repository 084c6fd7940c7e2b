// SPDX-License-Identifier: Apache-2.0

/// Where a Python program's application object is made.
struct PythonEntry: Hashable {
    /// The folder that Python must look in: `.`, or `src`.
    var folder: String
    /// The module, with dots.
    var module: String
    /// The object, or the call that makes it.
    var name: String

    /// uvicorn's option for the folder, with a space behind it.
    var options: String { folder == "." ? "" : "--app-dir \(folder) " }

    /// The first `name = FastAPI(` in the files nearest to the root.
    static func fastAPI(in tree: FileTree) -> Self? {
        first(in: tree) { text in
            let match = text.firstMatch(
                of: #/(?m)^(\w+)(?:\s*:[^=\n]+)?\s*=\s*(?:\w+\.)?(?:FastAPI|Starlette)\(/#
            )
            return match.map { String($0.1) }
        }
    }

    /// The first `name = Flask(`, or else the first function `create_app`, in the files nearest to the root.
    static func flask(in tree: FileTree) -> Self? {
        let object = first(in: tree) { text in
            text.firstMatch(of: #/(?m)^(\w+)\s*=\s*(?:\w+\.)?Flask\(/#).map { String($0.1) }
        }
        return object
            ?? first(in: tree) { text in
                text.firstMatch(of: #/(?m)^def (create_app|make_app)\(/#).map { "\($0.1)()" }
            }
    }

    private static func first(in tree: FileTree, where name: (String) -> String?) -> Self? {
        let files = tree.paths.filter { $0.hasSuffix(".py") && !isTest($0) }
        let nearest = files.sorted { (depth($0), rank($0), $0) < (depth($1), rank($1), $1) }
        for file in nearest where depth(file) <= 4 {
            guard let name = tree.text(file).flatMap(name) else { continue }
            return Self(file: file, name: name)
        }
        return nil
    }

    private init(file: String, name: String) {
        let isSource = file.hasPrefix("src/")
        let path = (isSource ? String(file.dropFirst(4)) : file).dropLast(3)
        let module = path.hasSuffix("/__init__") ? path.dropLast(9) : path
        self.init(
            folder: isSource ? "src" : ".",
            module: String(module).replacing("/", with: "."),
            name: name,
        )
    }

    private init(folder: String, module: String, name: String) {
        self.folder = folder
        self.module = module
        self.name = name
    }

    private static func depth(_ path: String) -> Int { path.split(separator: "/").count }

    private static func rank(_ path: String) -> Int {
        ["main.py", "app.py", "wsgi.py", "asgi.py", "server.py"].firstIndex(of: FileTree.name(of: path)) ?? 9
    }

    private static func isTest(_ path: String) -> Bool {
        path.split(separator: "/").contains { $0 == "tests" || $0.hasPrefix("test_") || $0 == "conftest.py" }
    }
}
