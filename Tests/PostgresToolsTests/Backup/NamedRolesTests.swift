// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import PostgresTools

@Suite("Roles that a dump names")
struct NamedRolesTests {
    private static let roles = #"""
        CREATE ROLE app;
        ALTER ROLE app WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS;
        ALTER ROLE app SET application_name TO E'x
        CREATE ROLE evil SUPERUSER ROLE app;
        y';
        CREATE ROLE reader;
        CREATE ROLE "Odd ""one""";
        CREATE ROLE "user";
        """#

    private func named(
        _ entries: (kind: String, owner: String, statement: String)...,
        isOwned: Bool = true,
    ) -> Set<String> {
        let entries = entries.map { kind, owner, statement in
            ArchiveEntry(
                id: 1,
                kind: kind,
                name: "public.t",
                section: 4,
                definition: "",
                owner: owner,
                namespace: "public",
                tag: "t",
                tablespace: "",
                statement: statement,
                copy: "",
            )
        }
        return NamedRoles(Self.roles, in: ArchiveOutline(bytes: [], entries: entries), isOwned: isOwned).names
    }

    @Test("are those to whom a policy applies, and nothing else that stands in it")
    func policies() {
        let names = named(
            (
                "POLICY", "app",
                #"CREATE POLICY "TO" ON app.reader FOR SELECT TO "Odd ""one""", "user" USING ((note <> ' TO reader'::text));"#,
            ),
            (
                "POLICY", "app",
                "CREATE POLICY p ON public.t USING ((tenant = current_setting('app.tenant'::text)));",
            ),
            ("COMMENT", "app", "COMMENT ON POLICY p ON public.t IS 'TO reader';"),
            isOwned: false,
        )
        #expect(names == ["Odd \"one\"", "user"])
    }

    @Test("are owners and those to whom something is granted, where that is restored too")
    func owners() {
        let table = ("TABLE", "user", "CREATE TABLE public.t (reader integer);")
        let grant = ("ACL", "app", #"GRANT SELECT ON TABLE public.t TO "Odd ""one""";"#)
        let mapping = (
            "USER MAPPING", "app",
            "CREATE USER MAPPING FOR reader SERVER elsewhere OPTIONS (password 'app');",
        )
        #expect(named(table, grant, mapping) == ["user", "app", "Odd \"one\"", "reader"])
        #expect(named(table, grant, mapping, isOwned: false) == ["reader"])
    }

    @Test("are never what somebody has written into a text, and are made as nothing but a name")
    func hostile() {
        let policy = (
            "POLICY", "app",
            "CREATE POLICY p ON public.t TO evil USING ((note <> 'evil SUPERUSER ROLE app'::text));",
        )
        #expect(named(policy) == ["app"])
        #expect(
            NamedRoles.making("evil SUPERUSER ROLE \"app")
                == #"CREATE ROLE "evil SUPERUSER ROLE ""app" NOLOGIN"#
        )
    }
}
