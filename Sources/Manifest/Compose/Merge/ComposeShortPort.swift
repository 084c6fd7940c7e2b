// SPDX-License-Identifier: Apache-2.0

/// The short form of a port: `[[ADDRESS:]PUBLISHED:]TARGET[/PROTOCOL]`, where both numbers may be ranges.
struct ComposeShortPort {
    private let log: ComposeLog

    init(_ log: ComposeLog) {
        self.log = log
    }

    /// The long forms of an item, one for each port.
    func forms(_ item: ComposeValue) -> [ComposeValue] {
        guard let text = item.text else { return [item] }
        guard let forms = Self.read(text) else {
            log.report(
                item.place,
                "'\(text)' is no port",
                hint: "write \"8000:80\", \"127.0.0.1:8000:80\", \"8000-8002:80-82\" or \"80/udp\"",
            )
            return []
        }
        return forms.map { form in
            let entries = form.map { key, text in
                ComposeEntry(
                    key: key,
                    place: item.place,
                    value: ComposeValue(content: .text(text, isQuoted: false), place: item.place),
                )
            }
            return ComposeValue(content: .map(entries), place: item.place)
        }
    }

    private static func read(_ text: String) -> [[(String, String)]]? {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return nil }
        let protocolName = halves.count == 2 ? String(halves[1]) : "tcp"
        guard ["tcp", "udp", "sctp"].contains(protocolName) else { return nil }
        var rest = String(halves[0])
        var address: String?
        // An IPv6 address has colons of its own.
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            address = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = String(rest[rest.index(after: end)...].drop { $0 == ":" })
        }
        var parts = rest.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (1...3).contains(parts.count), let target = range(parts.removeLast()) else { return nil }
        if parts.count == 2 { address = parts.removeFirst() }
        let published = parts.first.flatMap { $0.isEmpty ? nil : $0 }
        guard let published else {
            return target.map { form("\($0)", nil, address, protocolName) }
        }
        guard let outside = range(published) else { return nil }
        if target.count == 1, outside.count > 1 {
            // Any of them will do.
            return [form("\(target.lowerBound)", "\(outside.lowerBound)", address, protocolName)]
        }
        guard outside.count == target.count else { return nil }
        return zip(target, outside).map { form("\($0)", "\($1)", address, protocolName) }
    }

    private static func form(
        _ target: String,
        _ published: String?,
        _ address: String?,
        _ name: String,
    ) -> [(String, String)] {
        [("target", target), ("protocol", name)] + (published.map { [("published", $0)] } ?? [])
            + (address.map { [("host_ip", $0)] } ?? [])
    }

    private static func range(_ text: String) -> ClosedRange<Int>? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
            first >= 1, first <= last, last <= 65_535, last - first < 1000
        else { return nil }
        return first...last
    }
}
