// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client
import Core
import FoundationEssentials
import Glibc

/// `opshub git-hook`: Git runs it as `proc-receive` of an embedded remote (githooks).
///
/// It tells the control plane, which moves the branches, and with the push option `wait` lets the
/// deployment's verdict be the push's.
struct GitHookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "git-hook",
        abstract: "Run by Git when a project is pushed.",
        shouldDisplay: false,
    )

    func run() async throws {
        var reader = PacketReader(read: Self.readFully)
        let offer = try PacketLine.list(from: &reader).first ?? ""
        guard offer.hasPrefix("version=1") else {
            throw Failure(.invalid, "Git speaks another proc-receive than version 1")
        }
        let withOptions = offer.contains("push-options")
        send([.data(withOptions ? "version=1\0push-options" : "version=1"), .flush])
        let updates = try PacketLine.list(from: &reader).compactMap(RefUpdate.init)
        let options = withOptions ? try PacketLine.list(from: &reader) : []
        var reports: [PacketLine] = []
        for update in updates {
            reports.append(.data(await report(update, waits: options.contains("wait"))))
        }
        send(reports + [.flush])
    }

    /// `ok REF` or `ng REF REASON`.
    private func report(_ update: RefUpdate, waits: Bool) async -> String {
        do {
            guard let branch = update.branch else { throw Failure(.invalid, "\(update.ref) is no branch") }
            try await deploy(
                PushNotice(branch: branch, old: update.existing, new: update.wanted),
                waits: waits,
            )
            return "ok \(update.ref)"
        } catch {
            let failure = Failure.wrapping(error, doing: "the push")
            ErrorText.lines(of: failure).forEach(Output.say)
            return
                "ng \(update.ref) \(failure.message.split(whereSeparator: \.isNewline).joined(separator: " "))"
        }
    }

    private func deploy(_ notice: PushNotice, waits: Bool) async throws {
        guard let url = Home.variable("OPSHUB_SERVER"), let token = Home.variable("OPSHUB_TOKEN"),
            let project = Home.variable("OPSHUB_PROJECT")
        else { throw Failure(.unexpected, "the hook was not run by a control plane") }
        let client = ControlPlaneClient(
            url: url,
            token: Secret(token),
            person: Home.variable("OPSHUB_PERSON") ?? "push",
        )
        do {
            try await announce(notice, of: project, waits: waits, client)
            await client.shutdown()
        } catch {
            await client.shutdown()
            throw error
        }
    }

    private func announce(
        _ notice: PushNotice,
        of project: String,
        waits: Bool,
        _ client: ControlPlaneClient,
    ) async throws {
        let answer: PushAnswer = try await client.post("projects/\(project)/pushes", notice)
        answer.remarks.forEach(Output.say)
        for started in answer.started {
            Output.say(
                "\(started.id): \(started.project)/\(started.environment) gets \(started.commit.prefix(7)) \(started.subject)"
            )
            guard waits else {
                Output.say("  follow it: opshub events \(started.id) --follow")
                continue
            }
            let follower = DeploymentFollower(
                client: client,
                id: started.id,
                json: false,
                waitsForApproval: false,
                write: { Output.say($0) },
            )
            let deployment = try await follower.follow()
            if !deployment.isOver { Output.say("  it waits for a yes: opshub approve \(started.id)") }
        }
    }

    private func send(_ packets: [PacketLine]) {
        Output.write(packets.map(\.text).joined(), to: 1)
    }

    private static func readFully(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(0, buffer.baseAddress.map { unsafe $0 + filled }, count - filled)
            }
            guard got > 0 else { break }
            filled += got
        }
        return Array(bytes.prefix(filled))
    }
}
