// SPDX-License-Identifier: Apache-2.0

/// Which names variables of a project may have.
enum VariableRule {
    /// The rule as a regular expression.
    static let pattern = "^(?!PORT$|OPSHUB_)[A-Za-z_][A-Za-z0-9_]*$"

    /// Why a name can't be used, as the end of a sentence and a hint; nil when it can.
    static func refusal(_ name: String) -> (message: String, hint: String)? {
        if name == "PORT" { return ("is set by OpsHub", "remove it: every instance gets its own PORT") }
        if name.hasPrefix("OPSHUB_") {
            return ("is set by OpsHub", "names that begin with OPSHUB_ are taken")
        }
        let isName = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        if isName, let first = name.first, !first.isNumber { return nil }
        return ("can't name a variable", "expected letters, digits and '_', not starting with a digit")
    }
}
