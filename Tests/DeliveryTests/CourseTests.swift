// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest
import Testing

@testable import Delivery

@Suite("The course of a deployment")
struct CourseTests {
    @Test("is the flow that the product promises")
    func everything() {
        let course = Course(
            needsApproval: true,
            backsUp: true,
            migration: .afterHealth,
            movement: [.shift(percent: 100)],
            hasOutgoing: true,
            isWarm: false,
        )
        #expect(
            course.steps == [
                .preflight, .build, .test, .plan, .approval, .backup, .drill, .start, .health, .migrate,
                .healthAfterMigration, .smoke, .shift(percent: 100), .drain, .stability, .external,
            ]
        )
    }

    @Test("migrates before the start when the manifest says so")
    func beforeStart() throws {
        let steps = Course(
            needsApproval: false,
            backsUp: true,
            migration: .beforeStart,
            movement: [.shift(percent: 100)],
            hasOutgoing: true,
            isWarm: false,
        )
        .steps
        let migrate = try #require(steps.firstIndex(of: .migrate))
        let start = try #require(steps.firstIndex(of: .start))
        let drill = try #require(steps.firstIndex(of: .drill))
        #expect(drill < migrate && migrate < start)
        #expect(!steps.contains(.healthAfterMigration))
    }

    @Test("of a return to a warm release builds and starts nothing, but gates its health")
    func warm() {
        let steps = Course(
            needsApproval: false,
            backsUp: false,
            migration: nil,
            movement: [.shift(percent: 100)],
            hasOutgoing: true,
            isWarm: true,
        )
        .steps
        #expect(
            steps == [
                .preflight, .plan, .health, .smoke, .shift(percent: 100), .drain, .stability, .external,
            ]
        )
    }

    @Test(
        "never migrates without a backup that was drilled (Invariant 4)",
        arguments: [MigrationsManifest.Moment.afterHealth, .beforeStart],
    )
    func backupBeforeMigration(moment: MigrationsManifest.Moment) throws {
        let steps = Course(
            needsApproval: false,
            backsUp: false,
            migration: moment,
            movement: [.shift(percent: 100)],
            hasOutgoing: false,
            isWarm: false,
        )
        .steps
        let migrate = try #require(steps.firstIndex(of: .migrate))
        #expect(steps[..<migrate].contains(.backup) && steps[..<migrate].contains(.drill))
    }

    @Test(
        "moves traffic as its strategy says",
        arguments: [
            (EnvironmentManifest.Strategy.blueGreen, 3, [.shift(percent: 100)]),
            (.rolling, 1, [.shift(percent: 100)]),
            (.rolling, 2, [.shift(percent: 50), .shift(percent: 100)]),
            (.rolling, 3, [.shift(percent: 33), .shift(percent: 66), .shift(percent: 100)]),
            (
                .canary, 1,
                [
                    .shift(percent: 1), .canary(percent: 1), .shift(percent: 30), .canary(percent: 30),
                    .shift(percent: 100),
                ],
            ),
        ] as [(EnvironmentManifest.Strategy, Int, [Step])],
    )
    func movement(strategy: EnvironmentManifest.Strategy, replicas: Int, expected: [Step]) {
        var environment = EnvironmentManifest(name: EnvironmentName("any"), strategy: strategy)
        environment.canary.steps = [1, 30, 100]
        #expect(Course.movement(in: environment, replicas: replicas, hasOutgoing: true) == expected)
        // Without anybody to share with there is nothing to try out.
        let first = Course.movement(in: environment, replicas: replicas, hasOutgoing: false)
        #expect(first == [Step.shift(percent: 100)])
    }
}
