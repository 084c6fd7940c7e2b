// SPDX-License-Identifier: Apache-2.0

/// The access log: one JSON object a line, its members always in this order.
///
/// Of a path only the first 1024 bytes: a line that is cut by its length is no JSON any more.
///
/// `at` is when the answer ended, in milliseconds of Unix time, so that lines are in its order. HAProxy's own `%Ts` is no
/// substitute: on a connection that is kept alive it says when the answer before ended.
enum AccessLogFormat {
    /// As `log-format` wants it; `map` is where slots' releases are.
    static func text(map: String) -> String {
        #"{"at":%[date(0,ms)],"ms":%Ta,"status":%ST,"environment":"%[var(txn.lane),field(1,/)]","slot":"%[var(txn.lane),field(2,/)]","#
            + #""release":"%[var(txn.lane),map(\#(map))]","service":"%[be_name,field(4,.)]","#
            + #""server":"%s","method":"%HM","path":"%[var(txn.path),bytes(0,1024),json(utf8s)]","bytes":%B,"client":"%ci","#
            + #""id":"%[unique-id]","end":"%ts"}"#
    }
}
