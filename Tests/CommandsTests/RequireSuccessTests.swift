// SPDX-License-Identifier: Apache-2.0
import API
import Core
import FoundationEssentials
import Testing

@testable import Commands

/// What following a deployment ends with.
@Suite("A followed deployment")
struct RequireSuccessTests {
    private static let reason = Failure(
        .gateFailed,
        "it answered 503",
        hint: "look at the log",
        evidence: ["last line"],
        cause: "no database",
    )

    @Test(
        "that succeeded or is not over is no failure",
        arguments: ["succeeded", "running", "queued", "awaiting-approval", "undoing"],
    )
    func fine(state: String) throws {
        try Self.view(state, isOver: state == "succeeded").requireSuccess()
    }

    @Test(
        "that ended in any other way fails, and says where and what was undone",
        arguments: ["failed", "rejected", "cancelled", "superseded"],
    )
    func failed(state: String) throws {
        let view = Self.view(
            state,
            step: "health gate",
            undone: ["return traffic", "stop the incoming release"],
        )
        let failure = try #require(throws: Failure.self) { try view.requireSuccess() }
        #expect(
            failure
                == Failure(
                    .deploymentFailed,
                    "d12 of shop/production \(state) at the health gate (undone: return traffic, stop the incoming release)",
                    hint: "look at the log",
                    evidence: ["it answered 503", "last line"],
                    cause: "no database",
                )
        )
        #expect(failure.code.kind.exitCode == 1)
    }

    @Test("says why only once to those who have just seen it")
    func briefly() throws {
        let view = Self.view("failed", step: "smoke gate")
        let failure = try #require(throws: Failure.self) { try view.requireSuccess(briefly: true) }
        #expect(failure == Failure(.deploymentFailed, "d12 of shop/production failed at the smoke gate"))
    }

    private static func view(
        _ state: String,
        step: String? = nil,
        isOver: Bool = true,
        undone: [String] = [],
    ) -> DeploymentView {
        DeploymentView(
            state: state,
            id: "d12",
            project: "shop",
            environment: "production",
            kind: "release",
            release: "r7",
            commit: "0123456789",
            subject: "A change",
            requestedBy: "Ada",
            requestedAt: Date(timeIntervalSince1970: 0),
            endedAt: nil,
            step: step,
            isOver: isOver,
            failure: state == "succeeded" ? nil : reason,
            undone: undone,
            plan: nil,
            traffic: nil,
        )
    }
}
