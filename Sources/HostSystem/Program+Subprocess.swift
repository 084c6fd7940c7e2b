// SPDX-License-Identifier: Apache-2.0
import Core
import Subprocess
import SystemPackage

extension Program {
    /// The call as Subprocess takes it: in a session of its own, which is ended whole.
    ///
    /// Throws `missing-program` when it can't become the account that it is to run as.
    func configuration() throws(Failure) -> Configuration {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(3)),
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(1)),
        ]
        let variables = Dictionary(
            uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) }
        )
        let call = try changingAccount().lowered()
        return Configuration(
            executable: call.executable.contains("/")
                ? .path(FilePath(call.executable)) : .name(call.executable),
            arguments: Arguments(call.arguments),
            environment: inheritsEnvironment
                ? .inherit.updating(variables.mapValues { Optional($0) }) : .custom(variables),
            workingDirectory: directory.map { FilePath($0) },
            platformOptions: options,
        )
    }
}

extension ProgramResult.Ending {
    /// How Subprocess says it.
    init(_ status: TerminationStatus) {
        self =
            switch status {
            case .exited(let code): .exited(code)
            case .signaled(let signal): .signalled(signal)
            }
    }
}
