// SPDX-License-Identifier: Apache-2.0
import Core
import NIOCore
import NIOPosix

/// HAProxy's runtime socket: one line of commands, one answer.
struct RuntimeSocket {
    /// Answers to `show stat` of a thousand servers stay below this.
    private static let answerLimit = 64 << 20
    let path: String

    /// Sends commands that belong together as one line, so that nothing comes between them.
    ///
    /// - Throws: `edge-failed` when the edge does not answer within two seconds, or answers any of them with an error.
    func run(_ commands: [String]) async throws {
        guard !commands.isEmpty else { return }
        let answer = try await ask(commands.joined(separator: ";"))
        // HAProxy answers a command that changes something with nothing, and otherwise says what is wrong.
        let complaints = answer.split(whereSeparator: \.isNewline)
            .filter { line in
                !line.allSatisfy(\.isWhitespace) && !Self.isRemark(line)
            }
        guard complaints.isEmpty else {
            throw Failure(
                .edgeFailed,
                "the edge refused a change",
                evidence: commands.prefix(20).map { "> \($0)" } + complaints.map(String.init),
            )
        }
    }

    /// Sends one command that only reads.
    func ask(_ command: String) async throws -> String {
        do {
            return try await withDeadline(.seconds(2), "the edge's answer to '\(command.prefix(40))'") {
                [path] in
                try await Self.exchange(command, path)
            }
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw Failure(
                .edgeFailed,
                "the edge does not answer on \(path)",
                hint:
                    "opshub serve starts it when it does not run; its messages are in the log folder beside that socket",
                cause: String(describing: error),
                isRetryable: true,
            )
        }
    }

    /// `set server … addr` says what it did.
    private static func isRemark(_ line: Substring) -> Bool {
        line.contains("changed from") || line.contains("no need to change")
    }

    private static func exchange(_ command: String, _ path: String) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: command + "\n"))
            var answer = ByteBuffer()
            for try await chunk in inbound {
                answer.writeImmutableBuffer(chunk)
                guard answer.readableBytes < answerLimit else {
                    throw Failure(.edgeFailed, "the edge's answer has no end")
                }
            }
            return String(buffer: answer)
        }
    }
}
