// SPDX-License-Identifier: Apache-2.0
import Core
import Testing

@testable import HostSystem

@Suite("The scripts of a service folder")
struct ServiceScriptsTests {
    @Test("start the program in a session of its own, as its user, within its limits")
    func run() {
        let scripts = scripts {
            $0.user = SystemUser(name: "app", userID: 998, groupID: 997)
            $0.limits = .init(openFiles: 4096, memory: .mebibytes(1))
        }
        #expect(
            scripts.run == """
                #!/bin/sh
                # Written by OpsHub; what is changed here is lost when the program is replaced.
                exec 2>&1
                umask 027
                read -r boot </proc/sys/kernel/random/boot_id
                read -r stat </proc/$$/stat
                echo "$boot $$ ${stat##*) }" >session
                cd '/srv/it'\\''s' || exit 111
                exec '/usr/bin/chpst' '-P' '-e' '/home/service/env' '-u' ':998:997' '-o' '4096' '-d' '1048576' \
                '--' './app' '--name=a b'

                """
        )
    }

    @Test("take the guard off guarded variables after the user was changed")
    func guarded() {
        let scripts = scripts(guarded: ["A", "B"])
        #expect(
            scripts.run.contains(
                "'--' '/bin/sh' '-c' 'A=${A%.}; export A; B=${B%.}; export B; exec \"$@\"' 'sh' './app' '--name=a b'\n"
            )
        )
    }

    @Test(
        "say how the program is asked to end",
        arguments: [
            (SupervisedProgram.Stop.Reach.program, ProcessSignal.terminate, String?.none),
            (
                .program, .interrupt,
                "#!/bin/sh\nread -r process <supervise/pid && kill -s INT \"$process\"\n",
            ),
            (
                .group, .terminate,
                "#!/bin/sh\nread -r process <supervise/pid && kill -s TERM -- \"-$process\"\n",
            ),
        ],
    )
    func terminate(_ reach: SupervisedProgram.Stop.Reach, _ signal: ProcessSignal, _ expected: String?) {
        let scripts = scripts { $0.stop = .init(signal: signal, reach: reach) }
        #expect(scripts.terminate == expected)
    }

    @Test("write the log and say when its files are put aside")
    func log() {
        let log = SupervisedProgram.Log(
            folder: "/home/service/log/main",
            fileSize: ByteCount(5000),
            keptFiles: 3,
        )
        #expect(
            scripts().logRun(log)
                == "#!/bin/sh\nexec '/usr/bin/svlogd' '-tt' '-l' '2500' '-b' '5000' '/home/service/log/main'\n"
        )
        #expect(scripts().logConfiguration(log) == "s5000\nn3\nN1\n")
    }

    @Test("hand the log to another writer, which is told what svlogd reads from a file")
    func logWriter() {
        let log = SupervisedProgram.Log(
            folder: "/home/edge/log",
            fileSize: ByteCount(5000),
            keptFiles: 3,
            writer: ["/srv/it's/opshub", "edge-log"],
        )
        #expect(
            scripts().logRun(log) == """
                #!/bin/sh
                exec '/srv/it'\\''s/opshub' 'edge-log' '/home/edge/log' '--file-size' '5000' '--kept-files' '3'

                """
        )
    }

    private func scripts(
        guarded: [String] = [],
        edit: (inout SupervisedProgram) -> Void = { _ in },
    ) -> ServiceScripts {
        var program = SupervisedProgram(
            folder: "/home/service",
            command: ["./app", "--name=a b"],
            directory: "/srv/it's",
        )
        edit(&program)
        return ServiceScripts(
            program: program,
            chpst: "/usr/bin/chpst",
            svlogd: "/usr/bin/svlogd",
            guarded: guarded,
            changesUser: program.user != nil,
        )
    }
}
