// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import PostgresTools

@Suite("Definitions of the same object")
struct DefinitionTextTests {
    @Test(
        "The two ways in which PostgreSQL writes the same expression are one",
        arguments: [
            (
                "CHECK (((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))",
                "CHECK (((status)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text])))",
            ),
            ("DEFAULT '1'::numeric(10,2)", "DEFAULT '1'"),
            ("x::timestamp(3) with time zone > y", "x > y"),
            ("x::timestamp without time zone[] = y", "x = y"),
            ("(x)::double precision", "x"),
            ("x::\"Odd Schema\".\"Type::Name\" || y", "x || y"),
        ],
    )
    func canonical(one: String, other: String) {
        #expect(DefinitionText.canonical(one) == DefinitionText.canonical(other))
    }

    @Test(
        "What is not the same stays apart",
        arguments: [
            ("numeric(10,2)", "numeric(10,3)"), ("'a'::text", "'b'::text"), ("x::text = y", "x::text <> y"),
            ("varchar(3)", "varchar(30)"), ("f(a, b)", "f(b, a)"),
        ],
    )
    func apart(one: String, other: String) {
        #expect(DefinitionText.canonical(one) != DefinitionText.canonical(other))
    }
}
