// SPDX-License-Identifier: Apache-2.0

/// Recognises Node programs and frontends that Node builds.
enum NodeProgram {
    /// The program in a folder; nil when nothing in it can be served.
    static func detect(_ tree: FileTree) -> DetectedProgram? {
        guard let package = tree.text("package.json").flatMap(PackageJSON.init) else { return nil }
        let manager = NodePackageManager(of: tree)
        guard var program = next(tree, package) ?? site(package) ?? server(tree, package, manager) else {
            return nil
        }
        program.build =
            [manager.install] + (package.script("build").map { _ in [manager.run("build")] } ?? [])
        if package.script("test") != nil { program.test = ["CI=true \(manager.run("test"))"] }
        if case .command = program.program { program.health = HealthRoute.check(in: tree) }
        return program
    }

    private static func next(_ tree: FileTree, _ package: PackageJSON) -> DetectedProgram? {
        guard package.everyDependency.contains("next") else { return nil }
        let configuration = tree.first(of: "next.config.js", "next.config.mjs", "next.config.ts")
            .flatMap(tree.text)
        if configuration?.contains(#/output:\s*["']export["']/#) == true {
            return DetectedProgram(
                kind: "Next.js, exported",
                isFrontend: true,
                program: .files(folder: "out"),
            )
        }
        let run = "node_modules/.bin/next start --hostname 127.0.0.1 --port $PORT"
        return DetectedProgram(kind: "Next.js", isFrontend: true, program: .command(run))
    }

    /// Frontends whose build leaves files, unless a server is among the dependencies too.
    private static func site(_ package: PackageJSON) -> DetectedProgram? {
        let dependencies = package.everyDependency
        guard package.script("build") != nil, dependencies.isDisjoint(with: servers) else { return nil }
        guard let tool = sites.first(where: { dependencies.contains($0.package) }) else { return nil }
        return DetectedProgram(kind: tool.kind, isFrontend: true, program: .files(folder: tool.folder))
    }

    private static func server(
        _ tree: FileTree,
        _ package: PackageJSON,
        _ manager: NodePackageManager,
    ) -> DetectedProgram? {
        let kind = package.everyDependency.contains("nuxt") ? "Nuxt" : "Node"
        let remark = "It must listen on the port in the variable PORT"
        if kind == "Nuxt" {
            return DetectedProgram(
                kind: kind,
                isFrontend: true,
                program: .command("node .output/server/index.mjs"),
            )
        }
        if package.script("start") != nil, !package.isWorkspace {
            return DetectedProgram(kind: kind, program: .command(manager.run("start")), remarks: [remark])
        }
        guard !package.everyDependency.isDisjoint(with: servers) else { return nil }
        let entry =
            package.entry
            ?? tree.first(of: "server.js", "index.js", "app.js", "src/server.js", "src/index.js")
        return entry.map { DetectedProgram(kind: kind, program: .command("node \($0)"), remarks: [remark]) }
    }

    private static let servers: Set<String> = [
        "express", "fastify", "koa", "@hapi/hapi", "hono", "@nestjs/core", "nuxt", "@sveltejs/adapter-node",
    ]

    private static let sites: [(package: String, kind: String, folder: String)] = [
        ("astro", "Astro", "dist"), ("vite", "Vite", "dist"), ("react-scripts", "Create React App", "build"),
        ("@vue/cli-service", "Vue CLI", "dist"), ("@11ty/eleventy", "Eleventy", "_site"),
        ("gatsby", "Gatsby", "public"),
        ("parcel", "Parcel", "dist"), ("webpack", "webpack", "dist"),
    ]
}
