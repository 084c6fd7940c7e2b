// SPDX-License-Identifier: Apache-2.0
public import Core

/// What an installation decides, as opposed to a project.
public struct DeliverySettings: Sendable, Hashable {
    /// Where everything lives.
    public var layout: HomeLayout
    /// The name under which this control plane claims environments; see ``DeliveryLedger/claim(_:for:at:until:)``.
    public var holder: String
    /// How long a lease holds when its holder is not heard of; renewed three times as often; 15 s by default.
    public var leaseTerm: Duration
    /// The edge's shared address, where domains are answered.
    public var publicAddress: String
    /// Its port.
    public var publicPort: Int
    /// Free disk that a deployment needs before it begins; 512 MiB by default.
    public var minimumDisk: ByteCount
    /// Available memory that a deployment needs before it begins; 128 MiB by default.
    public var minimumMemory: ByteCount
    /// Between two looks at the heads of branches; 30 s by default.
    public var headInterval: Duration
    /// Between two looks at whether what serves is as its release was made; 20 s by default, so that drift is known within 30.
    public var driftInterval: Duration
    /// Between two looks at something that is waited for; 200 ms by default.
    public var pollInterval: Duration

    /// Describes an installation.
    public init(
        layout: HomeLayout,
        holder: String = "opshub",
        leaseTerm: Duration = .seconds(15),
        publicAddress: String = "127.0.0.1",
        publicPort: Int = 8080,
        minimumDisk: ByteCount = .mebibytes(512),
        minimumMemory: ByteCount = .mebibytes(128),
        headInterval: Duration = .seconds(30),
        driftInterval: Duration = .seconds(20),
        pollInterval: Duration = .milliseconds(200),
    ) {
        self.layout = layout
        self.holder = holder
        self.leaseTerm = leaseTerm
        self.publicAddress = publicAddress
        self.publicPort = publicPort
        self.minimumDisk = minimumDisk
        self.minimumMemory = minimumMemory
        self.headInterval = headInterval
        self.driftInterval = driftInterval
        self.pollInterval = pollInterval
    }
}
