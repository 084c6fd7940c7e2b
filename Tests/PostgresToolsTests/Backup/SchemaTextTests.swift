// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import PostgresTools

@Suite("A schema taken apart into objects")
struct SchemaTextTests {
    private static let script = #"""
        --
        -- PostgreSQL database dump
        --
        \restrict abc
        SET statement_timeout = 0;

        --
        -- Name: Odd "Schema"; Type: SCHEMA; Schema: -; Owner: sup
        --

        CREATE SCHEMA "Odd ""Schema""";

        --
        -- Name: ships; Type: TABLE; Schema: public; Owner: sup
        --

        CREATE TABLE public.ships (
            id bigint NOT NULL
        );

        --
        -- Name: ix; Type: INDEX; Schema: public; Owner: sup
        --

        CREATE INDEX ix ON public.ships USING btree (id);

        --
        -- PostgreSQL database dump complete
        --
        \unrestrict abc
        """#

    @Test("Every object is found by kind and name")
    func names() {
        let names = SchemaText(Self.script).definitions.keys.sorted()
        #expect(names == ["INDEX public.ix", "SCHEMA Odd \"Schema\"", "TABLE public.ships"])
    }

    @Test("What differs from run to run, and comments, make no difference")
    func stable() {
        let other = Self.script.replacing("abc", with: "xyz")
            .replacing("SET statement_timeout = 0;", with: "SET statement_timeout = 1;")
        #expect(SchemaText(other).definitions == SchemaText(Self.script).definitions)
    }

    @Test("Another definition makes a difference where it is, and only there")
    func different() {
        let before = SchemaText(Self.script).definitions
        let after = SchemaText(Self.script.replacing("bigint", with: "integer")).definitions
        #expect(before.keys.filter { before[$0] != after[$0] } == ["TABLE public.ships"])
    }

    @Test("Two objects of one kind and name are one entry with both")
    func doubled() {
        let twice = Self.script + "\n-- Name: ix; Type: INDEX; Schema: public; Owner: sup\nDROP INDEX ix;\n"
        #expect(
            SchemaText(twice).definitions["INDEX public.ix"]
                != SchemaText(Self.script).definitions["INDEX public.ix"]
        )
    }

    @Test("A line that only looks like a heading is text")
    func lookalike() {
        let odd = "-- Name: x; Schema: y; Type: z; Owner: q\n-- Name: x\n"
        #expect(SchemaText(odd).definitions.isEmpty)
    }

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
        #expect(SchemaText.canonical(one) == SchemaText.canonical(other))
    }

    @Test(
        "What is not the same stays apart",
        arguments: [
            ("numeric(10,2)", "numeric(10,3)"), ("'a'::text", "'b'::text"), ("x::text = y", "x::text <> y"),
            ("varchar(3)", "varchar(30)"), ("f(a, b)", "f(b, a)"),
        ],
    )
    func apart(one: String, other: String) {
        #expect(SchemaText.canonical(one) != SchemaText.canonical(other))
    }
}
