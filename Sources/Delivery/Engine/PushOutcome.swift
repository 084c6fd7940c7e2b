// SPDX-License-Identifier: Apache-2.0
public import Core

/// What a pushed branch led to.
public enum PushOutcome: Sendable, Hashable {
    /// This deployment was started.
    case started(Deployment)
    /// Nothing to do in this environment, and why.
    case unchanged(EnvironmentKey, String)
    /// No environment is mapped to the branch; these branches have one.
    case nothingMapped(String, [String])
}
