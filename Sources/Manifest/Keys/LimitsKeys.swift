// SPDX-License-Identifier: Apache-2.0
import Core

/// The keys of `limits:`.
enum LimitsKeys {
    private static let standard = LimitsManifest()

    /// The key `memory:`.
    static let memory = StandardKey(
        "memory",
        .size(atLeast: .mebibytes(16)),
        "Private memory of one instance (RLIMIT_DATA): heap, and the stacks of its threads.",
        standard: standard.memory,
    )
    /// The key `files:`.
    static let files = StandardKey(
        "files",
        .integer(in: 64...1_048_576),
        "Files and connections that one instance may have open.",
        standard: standard.files,
    )
    /// The key `stop_timeout:`.
    static let stopTimeout = StandardKey(
        "stop_timeout",
        .duration,
        "How long an instance has to end after it was asked to, before it is killed.",
        standard: standard.stopTimeout,
    )

    /// All of them.
    static let table = KeyTable(
        expected: "keys with values, such as { memory: 512M }",
        keys: [memory.description, files.description, stopTimeout.description],
        later: ["cpus": "there is no limit on processors", "cpu": "there is no limit on processors"],
        synonyms: ["mem": "memory", "nofile": "files", "stop_grace_period": "stop_timeout"],
    )

    /// Limits.
    static let shape = ValueShape<LimitsManifest>
        .mapping(table) { fields in
            LimitsManifest(
                memory: fields.value(memory),
                files: fields.value(files),
                stopTimeout: fields.value(stopTimeout),
            )
        }
}
