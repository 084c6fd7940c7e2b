// SPDX-License-Identifier: Apache-2.0
import HTTPTypes
import NIOCore
import HummingbirdTesting
import API
import Core
import Testing

/// Stores that copies of backups go to, over HTTP.
@Suite("The API of stores")
struct StoreRouteTests {
    @Test("lists, adds, checks and shows them; what is used stays, and a key that does not fit is refused")
    func stores() async throws {
        try await Desk.run { desk in
            #expect(try await desk.get("/api/v1/stores").value([StoreView].self) == [ScriptedStoreDesk.one])
            let order = #"{"name":"spaces","bucket":"acme-backups","accessKey":"DO00","secretKey":"SECRET"}"#
            let added = try await desk.post("/api/v1/stores", order.replacing("SECRET", with: "secret"))
            #expect(try added.value(StoreView.self, status: .created) == ScriptedStoreDesk.one)
            #expect(!String(buffer: added.body).contains("secretKey"))
            try await desk.post("/api/v1/stores", order).problem(.unauthorized, "unauthorized")
            let checked = try await desk.post("/api/v1/stores/spaces/check").value(StoreView.self)
            #expect(checked.name == "spaces")
            try await desk.post("/api/v1/stores/other/check").problem(.notFound, "not-found")
            try await desk.post("/api/v1/stores/Spaces/check").problem(.badRequest, "invalid")
            try await desk.ask(.delete, "/api/v1/stores/spaces").problem(.conflict, "conflict")
            let contents = try await desk.get("\(Desk.path)/stores/spaces").value(StoreContentsView.self)
            #expect(contents.backups == [ScriptedBackupDesk.one] && contents.oddities.count == 1)
        }
    }

    @Test("brings backups back, and proves copies")
    func copies() async throws {
        try await Desk.run { desk in
            let path = "\(Desk.path)/backups/fetch"
            let fetched = try await desk.post(path, #"{"backup":"b1","store":"spaces"}"#)
            #expect(try fetched.value(BackupView.self, status: .created) == ScriptedBackupDesk.one)
            try await desk.post(path, #"{"backup":"b2","store":"spaces"}"#).problem(.notFound, "not-found")
            try await desk.post(path, #"{"backup":"b1","store":"../keys"}"#).problem(.badRequest, "invalid")
            try await desk.post("/api/v1/backups/b1/verification", #"{"offsite":true}"#)
                .problem(.conflict, "conflict")
        }
    }
}
