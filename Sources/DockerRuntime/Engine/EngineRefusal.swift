// SPDX-License-Identifier: Apache-2.0
import Core

/// The engine answered a call with no.
struct EngineRefusal: FailureConvertible, Hashable {
    /// Of the answer.
    let status: Int
    /// In the engine's words.
    let message: String
    /// What it was asked: `POST /containers/create`.
    let call: String

    /// What was asked for does not exist.
    var isNotFound: Bool { status == 404 }
    /// Something else is in the way, or it is so already.
    var isConflict: Bool { status == 409 }

    /// The refusal as it is told when nobody knows more about it.
    var failure: Failure {
        Failure(
            .engineFailed,
            "the container engine refused \(call)",
            cause: "\(status): \(message)",
            isRetryable: status >= 500,
        )
    }
}
