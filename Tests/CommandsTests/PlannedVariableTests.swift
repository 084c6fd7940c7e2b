// SPDX-License-Identifier: Apache-2.0
import API
import Testing

@testable import Commands

@Suite("A variable in a plan")
struct PlannedVariableTests {
    @Test(
        "says what becomes of it",
        arguments: [
            (1, 1, "A v1"), (1, 2, "A v1 → v2"), (nil, 3, "A v3 (new)"), (3, nil, "A v3 (gone)"),
            (nil, nil, "A"),
        ] as [(Int?, Int?, String)],
    )
    func inWords(outgoing: Int?, version: Int?, text: String) {
        let variable = PlannedVariableView(name: "A", version: version, outgoing: outgoing)
        #expect(PlanCommand.inWords(variable) == text)
    }
}
