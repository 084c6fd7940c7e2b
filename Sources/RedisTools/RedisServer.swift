// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem

/// One Redis server, step by step; every step can be repeated.
struct RedisServer {
    /// Where everything lies.
    let place: RedisPlace
    /// The loopback port.
    let port: Int
    /// Who runs it and owns its data.
    let owner: SystemUser
    /// What keeps it running.
    var supervisor = Supervisor()

    /// The server of an accessory that was made.
    ///
    /// Throws `not-found` when it never was.
    init(_ place: RedisPlace, owner: SystemUser) throws(Failure) {
        guard let record = try RedisRecord(place) else {
            throw Failure(.notFound, "\(place.path) holds no Redis server", hint: "deploy first")
        }
        self.init(place: place, port: record.port, owner: owner)
    }

    /// The server of an accessory that is being made.
    init(place: RedisPlace, port: Int, owner: SystemUser) {
        (self.place, self.port, self.owner) = (place, port, owner)
    }

    /// Makes an empty folder for its data, unless there is one.
    func makeData() async throws {
        guard !Folder.exists(place.data) else { return }
        try await makeFolder(place.unfinished)
        try Folder.rename(place.unfinished, to: place.data)
        try DurableFolder.sync(place.path)
    }

    /// Makes a folder that its account owns, in place of what is there.
    func makeFolder(_ path: String) async throws {
        try await AccountFolder.remove(path, as: owner)
        try Folder.make(path, mode: 0o700)
        try Folder.setOwner(userID: owner.userID, groupID: owner.groupID, of: path)
    }

    /// Makes it run with these settings, and returns once it answers.
    func start(_ patience: Duration) async throws {
        try refuseTakenPort()
        try SocketFolder("\(place.path)/run").make(for: owner)
        // A server that runs knows other passwords than those that are made anew.
        if try writeSettings() { try await stop() }
        try await supervisor.ensure(program)
        try await awaitAnswer(patience)
    }

    /// Ends it, with everything written down.
    func stop() async throws { try await supervisor.stop(place.service) }

    /// Writes down who may get in, and lets a server that runs know; one that starts reads it by itself.
    ///
    /// Waits for one that is reading its data, which may have read an earlier version of it.
    func admit(application isOpen: Bool, _ patience: Duration) async throws {
        try writeUsers(isOpen: isOpen)
        guard try supervisor.status(of: place.service)?.process != nil else { return }
        do {
            try await awaitAnswer(patience)
        } catch let failure as Failure where failure.code == .serviceExited {
            return
        }
        try await ask("ACL", "LOAD")
    }

    /// Asks the server as OpsHub's own user.
    ///
    /// - Parameter words: A command and its arguments.
    /// - Returns: Its answer, a line each.
    /// - Throws: `unreachable` when it does not answer, and `program-failed` when it refuses.
    @discardableResult
    func ask(_ words: String...) async throws -> [String] {
        guard let password = try GeneratedPassword.read(place.ownPassword) else {
            throw Failure(.notFound, "\(place.ownPassword) is gone", hint: "deploy again")
        }
        let arguments = [
            "-e", "-s", place.socket, "--user", RedisConfiguration.superuser, "--no-auth-warning",
        ]
        let result = try await ProgramRunner()
            .run(
                Program(
                    "redis-cli",
                    arguments + words,
                    environment: ["REDISCLI_AUTH": password.revealed()],
                    deadline: .seconds(60),
                )
            )
        if result.errors.contains("Could not connect") || result.errors.contains("LOADING") {
            throw Failure(
                .unreachable,
                "the Redis server of \(place.path) does not answer",
                hint: "see its log: \(place.log)/current",
                isRetryable: true,
            )
        }
        return try result.checked(doing: "asking Redis to \(words.joined(separator: " "))").output
            .split(whereSeparator: \.isNewline).map(String.init)
    }

    /// A value of `INFO`.
    func info(_ section: String, _ name: String) async throws -> String? {
        try await ask("INFO", section).first { $0.hasPrefix("\(name):") }
            .map { String($0.dropFirst(name.count + 1)) }
    }

    private var program: SupervisedProgram {
        SupervisedProgram(
            folder: place.service,
            command: ["redis-server", "\(place.configuration)/redis.conf", "--port", "\(port)"],
            directory: place.data,
            variables: ["LC_ALL": Secret("C.UTF-8")],
            ambient: ["PATH": ExecutablePath.folders],
            user: owner,
            log: SupervisedProgram.Log(folder: place.log),
            stop: SupervisedProgram.Stop(signal: .terminate, timeout: .seconds(60)),
        )
    }

    /// Whether passwords had to be made.
    private func writeSettings() throws -> Bool {
        try Folder.make(place.configuration)
        let text = RedisConfiguration(place: place, port: port).settings
        if try FileContent.text(of: "\(place.configuration)/redis.conf") != text {
            try DurableFile.write(text, to: "\(place.configuration)/redis.conf", mode: 0o644)
        }
        let users = try FileContent.text(of: place.users)
        let passwords = try [place.password, place.ownPassword].map { try GeneratedPassword.read($0) }
        guard users == nil || passwords.contains(nil) else { return false }
        // Who was kept out stays out until somebody lets them in.
        try writeUsers(isOpen: users?.contains("user default off") != true)
        return true
    }

    private func writeUsers(isOpen: Bool) throws {
        var generator = SystemRandomNumberGenerator()
        let application = try GeneratedPassword.keep(in: place.password, using: &generator)
        let own = try GeneratedPassword.keep(in: place.ownPassword, using: &generator)
        try Folder.make(place.configuration)
        // Hashes of 240 random bits tell nobody anything.
        try DurableFile.write(
            RedisConfiguration.users(application, own: own, isOpen: isOpen),
            to: place.users,
            mode: 0o644,
        )
    }

    private func refuseTakenPort() throws {
        guard !LocalPorts.isFree(port) else { return }
        let holder = LocalPorts.holder(of: port)
        // Its own, whoever started it.
        let own = try FileContent.text(of: place.processFile).flatMap { Int32($0.prefix(while: \.isNumber)) }
        guard holder == nil || holder?.process != own else { return }
        throw Failure(
            .portTaken,
            "port \(port) is taken by \(holder.map(\.description) ?? "another account's program")",
            hint: "stop that program, or give the accessory another port under 'ports:' in opshub.yml",
        )
    }

    /// Waits for as long as it goes on reading its data, however many they are.
    private func awaitAnswer(_ patience: Duration) async throws {
        var (last, loaded) = (Failure?.none, String?.none)
        let exitsBefore = try supervisor.status(of: place.service)?.exits ?? 0
        var end = ContinuousClock.now + patience
        while ContinuousClock.now < end {
            do {
                if try await ask("PING") == ["PONG"] { return }
            } catch let failure as Failure where [.unreachable, .programFailed].contains(failure.code) {
                last = failure
            }
            let exits = try supervisor.status(of: place.service)?.exits ?? 0
            guard exits < exitsBefore + 3 else {
                throw Failure(
                    .serviceExited,
                    "the Redis server of \(place.path) does not stay up",
                    hint: "see its log: \(place.log)/current",
                    evidence: logTail,
                )
            }
            // Nothing to be told of a server that does not even say that.
            if let bytes = try? await info("persistence", "loading_loaded_bytes"), bytes != loaded {
                (loaded, end) = (bytes, ContinuousClock.now + patience)
            }
            try await ContinuousClock().sleep(for: .milliseconds(50))
        }
        throw Failure(
            .unreachable,
            "the Redis server of \(place.path) did not answer within \(patience.briefly)",
            hint: "see its log: \(place.log)/current",
            evidence: logTail,
            cause: last?.message,
            isRetryable: true,
        )
    }

    private var logTail: [String] {
        // Evidence for a failure that is told anyway.
        let text = try? FileContent.text(of: "\(place.log)/current")
        return (text ?? nil)?.lastLines(20) ?? []
    }
}
