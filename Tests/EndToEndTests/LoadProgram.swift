// SPDX-License-Identifier: Apache-2.0
import Core
import Foundation
import Glibc
import HostSystem
import Testing

/// A program that makes load until it is interrupted, and then sums up what it has seen.
enum LoadProgram {
    /// Runs `body` under load, which lasts exactly as long.
    ///
    /// - Parameters:
    ///   - command: The program and its arguments, for the shell.
    ///   - body: What happens meanwhile.
    /// - Returns: What the program printed.
    /// - Throws: What `body` threw, or that the program could not run.
    static func during(_ command: String, _ body: () async throws -> Void) async throws -> String {
        let file = "/var/tmp/opshub-load-\(UInt32.random(in: .min ... .max))"
        defer { try? Folder.remove(file) }  // What is left is only disk, in a folder for temporary files.
        let load = Program(
            "/bin/sh",
            ["-c", "echo $$ >\(file); exec \(command)"],
            deadline: .seconds(1200),
        )
        async let summary = ProgramRunner().run(load)
        var process: Int32?
        while process == nil {
            process = try FileContent.text(of: file).flatMap { Int32($0.dropLast()) }
            try await Task.sleep(for: .milliseconds(20))
        }
        try await body()
        // As Ctrl-C does: it sums up what it has seen so far.
        if let process { kill(process, SIGINT) }
        let result = try await summary
        try #require(result.isSuccess, "\(result.errors)")
        return result.output
    }
}
