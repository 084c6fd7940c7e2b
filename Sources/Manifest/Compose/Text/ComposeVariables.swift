// SPDX-License-Identifier: Apache-2.0

/// What `${NAME}` stands for in compose files: the environment's variables, and those of `.env` beside the first file.
struct ComposeVariables {
    private var values: [String: String]

    /// - Parameter values: By name; what an environment says goes before what `.env` says.
    init(_ values: [String: String] = [:]) {
        self.values = values
    }

    /// The value of a variable; nil when it has none.
    subscript(name: String) -> String? {
        get { values[name] }
        set { values[name] = newValue }
    }

    /// These, and what another set has besides.
    func over(_ others: [String: String]) -> ComposeVariables {
        ComposeVariables(values.merging(others) { own, _ in own })
    }

    /// Their names.
    var names: [String] { values.keys.sorted() }
}
