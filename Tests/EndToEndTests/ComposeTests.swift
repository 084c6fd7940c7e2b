// SPDX-License-Identifier: Apache-2.0
import Foundation
import HostSystem
import Testing

/// A team's own compose file, taken as it is.
@Suite("A compose project", .tags(.slow))
struct ComposeTests {
    @Test("is deployed without a lost request, comes back, and is found again", .timeLimit(.minutes(10)), arguments: [("blue-green", 1), ("rolling", 2)])
    func deployed(strategy: String, replicas: Int) async throws {
        try await Stage.with(.init(strategy: strategy, replicas: replicas)) { stage in
            let first = try await stage.pushImage(version: "1")
            #expect(first.isSuccess, "\(first.errors)")
            #expect(try await stage.version().contains("1"))
            let count = try await SteadyLoad.during("\(stage.edge)/version") {
                for version in 2...3 {
                    let result = try await stage.pushImage(version: "\(version)")
                    #expect(result.isSuccess, "\(result.errors)")
                    #expect(try await stage.version().contains("\(version)"))
                }
                stage.killControlPlane()
                try await stage.serve()
                let back = try await stage.opshub("rollback", "-e", "production")
                #expect(back.isSuccess, "\(back.output)\(back.errors)")
                #expect(try await stage.version().contains("2"))
            }
            #expect(count.lost == 0, "\(count)")
            let status = try await stage.opshub("status")
            #expect(status.output.contains("r2"), "\(status.output)")
        }
    }
}
