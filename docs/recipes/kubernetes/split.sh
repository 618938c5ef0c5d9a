#!/bin/sh
# The split form from outside: start once, keep the handle in the cluster, then wait. Run again after any failure, it goes
# on where it was: what the cluster already has is not made a second time. `sh split.sh clean` before the next night.
set -eu
cd "$(dirname "$0")"
kubectl=${KUBECTL:-kubectl}

if [ "${1-}" = clean ]; then
    exec "$kubectl" delete --ignore-not-found job/nightly-load-start job/nightly-load-wait configmap/nightly-load-run
fi

if ! "$kubectl" get configmap nightly-load-run >/dev/null 2>&1; then
    # `create` refuses a name that exists, so that the Job is made once.
    "$kubectl" get job nightly-load-start >/dev/null 2>&1 || "$kubectl" create -f split-start.yaml
    if ! "$kubectl" wait --for=condition=complete --timeout=10m job/nightly-load-start; then
        echo "The start did not complete; look before starting anew: $kubectl logs job/nightly-load-start" >&2
        exit 10
    fi
    # stdout has the handle and nothing else; a container's log has stderr too, so take the line that is one.
    handle=$("$kubectl" logs job/nightly-load-start | grep -E '^(DMASK|DRS|DSS|FILE_INGESTION|MTT|PCS|TASKFLOW|WORKFLOW)/[^ ]+$' | tail -n 1)
    "$kubectl" create configmap nightly-load-run --from-literal="handle=$handle"
fi
"$kubectl" get job nightly-load-wait >/dev/null 2>&1 || "$kubectl" create -f split-wait.yaml
"$kubectl" wait --for=condition=complete --timeout=4h job/nightly-load-wait
