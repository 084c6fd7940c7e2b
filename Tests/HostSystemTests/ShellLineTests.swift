// SPDX-License-Identifier: Apache-2.0
import HostSystem
import Testing

@Suite("A team's command line")
struct ShellLineTests {
    @Test(
        "is put behind exec when it is one simple command",
        arguments: [
            (
                ".venv/bin/uvicorn app.main:app --port $PORT",
                "exec .venv/bin/uvicorn app.main:app --port $PORT",
            ),
            ("  node server.js  \n", "exec node server.js"),
            ("PYTHONPATH=src python3 app.py", "PYTHONPATH=src exec python3 app.py"),
            ("A=1 B=2 ./server", "A=1 B=2 exec ./server"),
            ("./server 2>&1", "exec ./server 2>&1"),
            ("./server >out.txt", "exec ./server >out.txt"),
            ("echo 'a; b && c | d'", "exec echo 'a; b && c | d'"),
            ("echo \"a; b\" \\; c", "exec echo \"a; b\" \\; c"),
            ("./server --origin=https://a.example/?x=1", "exec ./server --origin=https://a.example/?x=1"),
            ("${PYTHON:-python3} app.py", "exec ${PYTHON:-python3} app.py"),
        ],
    )
    func simple(_ line: String, _ expected: String) {
        let shell = ShellLine(line)
        #expect(shell.command == ["/bin/sh", "-c", expected])
        #expect(shell.isSimpleCommand)
        #expect(shell.reach == .program)
    }

    @Test(
        "is left as it is when it may be anything else",
        arguments: [
            "cd app && ./server", "./a; ./b", "./a | ./b", "./a & ./b", "./a &", "(./a)", "{ ./a; }", "! ./a",
            "if true; then ./a; fi", "cd app", "export A=1", "A=1", "A='x y' ./server", "A=$B ./server",
            "./a `hostname`", "./a $(hostname)", "./a \"$(hostname)\"", "./a 'open", "./a \\", "./a\n./b", "",
            "ulimit -n 9",
            ". ./env", "while :; do ./a; done", "./a || ./b", "./a &> out", "f() { ./a; }",
        ],
    )
    func other(_ line: String) {
        let shell = ShellLine(line)
        #expect(shell.command == ["/bin/sh", "-c", line])
        #expect(!shell.isSimpleCommand)
        #expect(shell.reach == .group)
    }

    @Test("reaches the program when the team wrote exec themselves")
    func ownExec() {
        let shell = ShellLine("exec ./server")
        #expect(shell.command == ["/bin/sh", "-c", "exec ./server"])
        #expect(shell.reach == .program)
        #expect(ShellLine("exec ./server; true").reach == .group)
    }

    @Test("does for a real shell what it says", arguments: ["dash", "bash"])
    func real(_ shell: String) async throws {
        let line = ShellLine("VALUE=1 python3 -c 'import os; print(os.environ[\"VALUE\"])'")
        let result = try await ProgramRunner().run(Program(shell, Array(line.command.dropFirst())))
        #expect(result.output == "1\n")
    }
}
