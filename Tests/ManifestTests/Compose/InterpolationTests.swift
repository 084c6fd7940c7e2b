// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Manifest

@Suite("Variables in compose files")
struct InterpolationTests {
    private static let place = ComposePlace(file: "c.yml", place: .start)

    @Test(
        "are put in as the specification says",
        arguments: [
            ("$SET and ${SET}", "yes and yes"), ("${SET}s", "yess"), ("$SETS", ""),
            ("${SET:-d}", "yes"), ("${EMPTY:-d}", "d"), ("${NONE:-d}", "d"),
            ("${SET-d}", "yes"), ("${EMPTY-d}", ""), ("${NONE-d}", "d"),
            ("${SET:+a}", "a"), ("${EMPTY:+a}", ""), ("${NONE:+a}", ""),
            ("${SET+a}", "a"), ("${EMPTY+a}", "a"), ("${NONE+a}", ""),
            ("${SET:?e}", "yes"), ("${EMPTY?e}", ""),
            ("${NONE:-${SET}}", "yes"), ("${NONE:-${OTHER:-$SET}}", "yes"), ("${NONE-a${EMPTY:-b}c}", "abc"),
            ("$$SET", "$SET"), ("$${SET}", "${SET}"), ("$$$SET", "$yes"), ("100$", "100$"), ("a$ b", "a$ b"),
            ("$1", "$1"),
            ("${NONE:-a b:c-d}", "a b:c-d"), ("${SET:+$$}", "$"),
        ],
    )
    func substitution(_ text: String, _ expected: String) {
        let variables = ComposeVariables(["SET": "yes", "EMPTY": ""])
        #expect(ComposeInterpolation(variables, ComposeLog(), Self.place).text(text) == expected)
    }

    @Test(
        "that must be there and are not are mistakes, with the reason that was given",
        arguments: [
            ("${NONE:?say which}", "NONE is not set: say which"), ("${EMPTY:?}", "EMPTY is not set"),
            ("${NONE?say $SET}", "NONE is not set: say yes"),
            ("${}", "'${' is not followed by a variable's name"),
            ("${A B}", "${A is followed by something that compose does not know"),
            ("${SET/a/b}", "${SET is followed by something that compose does not know"),
            ("${SET:-a", "${SET is never closed"),
        ],
    )
    func mistakes(_ text: String, _ expected: String) {
        let log = ComposeLog()
        _ = ComposeInterpolation(ComposeVariables(["SET": "yes", "EMPTY": ""]), log, Self.place).text(text)
        #expect(log.mistakes.map(\.message) == [expected])
    }

    @Test("that are not set are told, with what else may have been meant")
    func unset() {
        let log = ComposeLog()
        let interpolation = ComposeInterpolation(ComposeVariables(["DB_HOST": "x"]), log, Self.place)
        #expect(interpolation.text("pa$word ${DB_HOTS} ${OK:-}") == "pa  ")
        #expect(
            log.remarks.map(\.message) == [
                "DB_HOTS is not set, and empty here", "word is not set, and empty here",
            ]
        )
        #expect(log.remarks[0].hint?.hasPrefix("did you mean DB_HOST?") == true)
        #expect(log.remarks[1].hint?.contains("$$word is a dollar sign and 'word'") == true)
        #expect(log.mistakes.isEmpty)
    }

    @Test("are read from files as compose reads them")
    func files() {
        let text = """
            # a comment
            PLAIN=value
            export EXPORTED=1
            SPACED = around  # comment
            HASH=a#b
            EMPTY=
            SINGLE='$NOT # this'
            DOUBLE="a\\tb $PLAIN"
            LINES="one
            two"
            USES=${PLAIN}/x
            ESCAPED="\\$PLAIN"
            COLON: yes
            HERE
            """
        let log = ComposeLog()
        let reader = VariableFileText(file: ".env", variables: ComposeVariables(["HERE": "there"]), log: log)
        let pairs = reader.values(text)
        #expect(
            pairs.map(\.name) == [
                "PLAIN", "EXPORTED", "SPACED", "HASH", "EMPTY", "SINGLE", "DOUBLE", "LINES", "USES",
                "ESCAPED", "COLON", "HERE",
            ]
        )
        #expect(
            pairs.map(\.value) == [
                "value", "1", "around", "a#b", "", "$NOT # this", "a\tb value", "one\ntwo", "value/x",
                "$PLAIN", "yes", "there",
            ]
        )
        #expect(log.mistakes.isEmpty)
    }
}
