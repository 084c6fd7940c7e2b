// SPDX-License-Identifier: Apache-2.0

/// Looks for what a migration can leave behind without saying so.
public protocol SchemaInspector: Sendable {
    /// Indexes that exist but are not used, because building them failed: `public.ix_shipments_status`, in
    /// order.
    func invalidIndexes(of database: DatabaseTarget) async throws -> [String]
}
