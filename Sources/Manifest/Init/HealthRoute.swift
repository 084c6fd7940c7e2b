// SPDX-License-Identifier: Apache-2.0

/// Finds the health route that a program's text names.
enum HealthRoute {
    /// The check that fits what the text says; nil when it names no route.
    static func check(in tree: FileTree) -> HealthCheckManifest? {
        if tree.paths.contains(where: isRouteFile) { return HealthCheckManifest(path: "/api/health") }
        let texts = tree.paths.filter(isSource).compactMap(tree.text)
        for path in ["/health", "/healthz", "/api/health", "/api/healthz"] {
            let text = texts.first {
                $0.contains("\"\(path)\"") || $0.contains("'\(path)'") || $0.contains("`\(path)`")
            }
            guard let text else { continue }
            let saysHealthy = text.contains(#/["']?status["']?\s*[:=]\s*["']healthy["']/#)
            return HealthCheckManifest(path: path, expect: saysHealthy ? ["status": "healthy"] : [:])
        }
        return nil
    }

    /// Whether a file is itself the route, as in Next.js.
    private static func isRouteFile(_ path: String) -> Bool {
        path.contains(#/(^|\/)(app\/api\/health\/route|pages\/api\/health)\.[jt]s$/#)
    }

    private static func isSource(_ path: String) -> Bool {
        let isCode = [".py", ".js", ".mjs", ".cjs", ".ts"].contains { path.hasSuffix($0) }
        let isTest =
            path.split(separator: "/").contains { ["tests", "test"].contains($0) } || path.contains("test_")
        return isCode && !isTest
    }
}
