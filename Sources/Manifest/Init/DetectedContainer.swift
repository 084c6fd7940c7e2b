// SPDX-License-Identifier: Apache-2.0

/// A folder with a Dockerfile in which no program was recognised.
public struct DetectedContainer: Hashable, Sendable {
    /// The folder; `.` for the root.
    public var path: String
    /// The command line that the image ends in, when the file names one.
    public var command: String?

    /// The Dockerfile's path.
    var file: String { path == "." ? "Dockerfile" : "\(path)/Dockerfile" }
}
