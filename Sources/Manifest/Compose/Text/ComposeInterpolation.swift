// SPDX-License-Identifier: Apache-2.0

/// Puts variables into a text as the Compose specification (12, interpolation) says: `$NAME`, `${NAME}`, defaults (`:-`, `-`),
/// what must be there (`:?`, `?`), alternatives (`:+`, `+`), all of them nested, and `$$` for a dollar sign.
///
/// A `$` before anything else stays as it is.
struct ComposeInterpolation {
    private let variables: ComposeVariables
    private let log: ComposeLog
    private let place: ComposePlace

    init(_ variables: ComposeVariables, _ log: ComposeLog, _ place: ComposePlace) {
        self.variables = variables
        self.log = log
        self.place = place
    }

    /// The text with everything put in; what is missing is reported, or remarked on and left empty.
    func text(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
        var rest = text.unicodeScalars[...]
        return String(take(&rest, until: nil))
    }

    /// Takes scalars until `end`, which is left there.
    private func take(
        _ rest: inout Substring.UnicodeScalarView,
        until end: Unicode.Scalar?,
    ) -> String.UnicodeScalarView {
        var output = String.UnicodeScalarView()
        while let scalar = rest.first, scalar != end {
            rest.removeFirst()
            guard scalar == "$", let next = rest.first else {
                output.append(scalar)
                continue
            }
            if next == "$" {
                rest.removeFirst()
                output.append("$")
            } else if next == "{" {
                rest.removeFirst()
                output += braced(&rest)
            } else if Self.isNameStart(next) {
                output += plain(Self.name(&rest), isBraced: false)
            } else {
                output.append("$")
            }
        }
        return output
    }

    /// What stands behind `${`.
    private func braced(_ rest: inout Substring.UnicodeScalarView) -> String.UnicodeScalarView {
        let name = Self.name(&rest)
        guard !name.isEmpty else {
            skip(&rest)
            log.report(
                place,
                "'${' is not followed by a variable's name",
                hint: "write $$ for a dollar sign",
            )
            return .init()
        }
        let isForEmpty = rest.first == ":"
        if isForEmpty { rest.removeFirst() }
        let sign = rest.popFirst()
        if sign == "}", !isForEmpty { return plain(name, isBraced: true) }
        guard let sign, "-?+".unicodeScalars.contains(sign) else {
            skip(&rest)
            log.report(
                place,
                "${\(name) is followed by something that compose does not know",
                hint: "write ${\(name)}, ${\(name):-default}, ${\(name):?message} or ${\(name):+instead}",
            )
            return .init()
        }
        let operand = sign == "-" ? nil : quietly(&rest)
        let value = variables[name].flatMap { isForEmpty && $0.isEmpty ? nil : $0 }
        var result = String.UnicodeScalarView()
        switch sign {
        case "-":
            // Only a default that is used is worth a word.
            if let value {
                _ = quietly(&rest)
                result = value.unicodeScalars
            } else {
                result = take(&rest, until: "}")
            }
        case "+": result = value == nil ? .init() : operand ?? .init()
        default:
            if let value {
                result = value.unicodeScalars
            } else {
                let reason = operand.map { String($0) } ?? ""
                log.report(
                    place,
                    "\(name) is not set" + (reason.isEmpty ? "" : ": \(reason)"),
                    hint: "say it in opshub.yml: environments.NAME.env",
                )
            }
        }
        close(&rest, name)
        return result
    }

    private func plain(_ name: String, isBraced: Bool) -> String.UnicodeScalarView {
        if let value = variables[name] { return value.unicodeScalars }
        let near = NearestWord.of(name, in: variables.names).map { "did you mean \($0)? " } ?? ""
        let dollar = isBraced ? "" : "; $$\(name) is a dollar sign and '\(name)'"
        log.remark(
            place,
            "\(name) is not set, and empty here",
            hint: "\(near)say it in opshub.yml (environments.NAME.env)\(dollar)",
        )
        return .init()
    }

    /// What stands there, without any word about it: it is not used, or only told.
    private func quietly(_ rest: inout Substring.UnicodeScalarView) -> String.UnicodeScalarView {
        ComposeInterpolation(variables, ComposeLog(), place).take(&rest, until: "}")
    }

    private func close(_ rest: inout Substring.UnicodeScalarView, _ name: String) {
        guard rest.popFirst() == "}" else {
            log.report(place, "${\(name) is never closed", hint: "add }")
            return
        }
    }

    private func skip(_ rest: inout Substring.UnicodeScalarView) {
        while let scalar = rest.popFirst(), scalar != "}" {}
    }

    private static func name(_ rest: inout Substring.UnicodeScalarView) -> String {
        var name = String.UnicodeScalarView()
        while let scalar = rest.first, isNameStart(scalar) || (!name.isEmpty && ("0"..."9").contains(scalar))
        {
            name.append(scalar)
            rest.removeFirst()
        }
        return String(name)
    }

    private static func isNameStart(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
    }
}
