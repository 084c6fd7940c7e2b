// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import HAProxyRouter

/// Answers of the runtime socket, as HAProxy 2.6 writes them.
@Suite("Tables of the runtime socket")
struct StatTableTests {
    @Test("are read by the names of their columns")
    func commas() {
        let table = StatTable(
            """
            # pxname,svname,qcur,scur,hrsp_2xx,
            public,FRONTEND,,3,17,
            shop.production.blue.web,blue-1,0,1,9,

            """,
            separator: ",",
        )
        #expect(table.rows.map { $0["pxname"] } == ["public", "shop.production.blue.web"])
        #expect(table.rows.map { $0.number("scur") } == [3, 1])
        #expect(table.rows.map { $0.number("hrsp_2xx") } == [17, 9])
    }

    @Test("may begin with a line that is not theirs")
    func blanks() {
        let table = StatTable(
            """
            1
            # be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state
            4 shop.production.blue.web 1 blue-1 127.0.0.1 2 0
            4 shop.production.blue.web 2 blue-2 127.0.0.1 0 5

            """,
            separator: " ",
        )
        #expect(table.rows.map { $0["srv_name"] } == ["blue-1", "blue-2"])
        #expect(table.rows.map { $0.number("srv_admin_state") } == [0, 5])
    }

    @Test("have nothing in a column that is missing, in a cell that is empty, in a line that was cut")
    func missing() {
        let table = StatTable("# pxname,svname,scur\npublic,,\nshop", separator: ",")
        #expect(table.rows.count == 2)
        #expect(table.rows[0]["nobody"] == "")
        #expect(table.rows[0].number("scur") == 0)
        #expect(table.rows[1]["pxname"] == "shop")
        #expect(table.rows[1]["svname"] == "")
    }

    @Test("are empty when there is no line of names", arguments: ["", "\n", "Unknown command\n", "# \n"])
    func empty(text: String) {
        #expect(StatTable(text, separator: ",").rows.isEmpty)
    }

    @Test("take the first of two columns with one name")
    func twice() {
        let table = StatTable("# name,name\nfirst,second", separator: ",")
        #expect(table.rows[0]["name"] == "first")
    }
}
