// SPDX-License-Identifier: Apache-2.0
import API
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

extension TestResponse {
    /// The body as a value, from an answer with this status.
    func value<Value: Decodable>(
        _ type: Value.Type,
        status wanted: HTTPResponse.Status = .ok,
        sourceLocation: SourceLocation = #_sourceLocation,
    ) throws -> Value {
        try #require(status == wanted, "\(String(buffer: body))", sourceLocation: sourceLocation)
        #expect(headers[.contentType] == "application/json", sourceLocation: sourceLocation)
        return try Wire.decoder().decode(type, from: Data(body.readableBytesView))
    }

    /// The body as a problem document, from an answer with this status and code.
    @discardableResult
    func problem(
        _ wanted: HTTPResponse.Status,
        _ code: String,
        sourceLocation: SourceLocation = #_sourceLocation,
    ) throws -> ProblemView {
        #expect(status == wanted, "\(String(buffer: body))", sourceLocation: sourceLocation)
        #expect(headers[.contentType] == "application/problem+json", sourceLocation: sourceLocation)
        let problem = try Wire.decoder().decode(ProblemView.self, from: Data(body.readableBytesView))
        #expect(problem.status == wanted.code, sourceLocation: sourceLocation)
        #expect(problem.type == "urn:opshub:failure:\(code)", sourceLocation: sourceLocation)
        return problem
    }

    /// The journal lines of server-sent events, and the ids that they came with.
    func events() throws -> (lines: [JournalLine], ids: [Int]) {
        var (lines, ids): ([JournalLine], [Int]) = ([], [])
        for event in String(buffer: body).split(separator: "\n\n") {
            for line in event.split(separator: "\n") {
                if line.hasPrefix("id: ") { ids.append(try #require(Int(line.dropFirst(4)))) }
                guard line.hasPrefix("data: ") else { continue }
                lines.append(try Wire.decoder().decode(JournalLine.self, from: Data(line.dropFirst(6).utf8)))
            }
        }
        return (lines, ids)
    }
}
