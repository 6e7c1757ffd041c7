import { defineErrors } from './entry.ts'

export const releaseErrors = defineErrors({
  RELEASE_NOT_FOUND: { status: 404, message: 'there is no release {release}', hint: 'headgate release ls' },
  RELEASE_LOCKED: {
    status: 409,
    message: 'a deployment of {target} is under way since {since}, by {holder}',
    hint: 'watch it: headgate status',
  },
  NODE_UNREACHABLE: {
    status: 503,
    message: 'the node {holder}, which keeps {target}, cannot be reached: {reason}. This request changed nothing',
    hint: 'do it again when that node is back, or another has taken over: a node that is gone loses its targets after 15 s',
  },
  NODE_UNCERTAIN: {
    status: 503,
    message: 'the node {holder}, which keeps {target}, was lost before it answered ({reason}), so it may have done this or not',
    hint: 'look before doing it again: headgate status',
  },
  DEPLOYMENT_NOT_FOUND: { status: 404, message: 'there is no deployment {deployment}' },
  DEPLOYMENT_ENDED: { status: 409, message: 'the deployment {deployment} has ended: {state}' },
  APPLICATION_FILE_INVALID: { status: 400, message: '{file} cannot be used: {count}' },
  APPLICATION_SHAPE: { status: 400, message: 'the file does not have the shape it should: {reason}' },
  APPLICATION_UNKNOWN_FIELD: { status: 400, message: 'there is no field {field} here' },
  APPLICATION_VALUE: { status: 400, message: '{field} cannot have this value: {reason}' },
  APPLICATION_UNSUPPORTED: { status: 400, message: '{field} is not something this Headgate does yet: {reason}' },
  ARTIFACT_INVALID: { status: 400, message: 'the artifact cannot be taken: {reason}' },
  ARTIFACT_INCOMPLETE: {
    status: 409,
    message: 'not every file of the artifact {artifact} is here: it was not uploaded, or is of older code that is kept no more',
    hint: 'deploy it from its source again, which uploads what is missing',
  },
  ARTIFACT_DISK: {
    status: 507,
    message: 'the artifact could not be stored in {folder}: {reason}. Nothing half-written was left, and what runs was not touched',
    hint: 'make room there and deploy again; what is stored already is not sent again',
  },
  CONFIGURATION_AMBIGUOUS: {
    status: 409,
    message: 'the configuration imports {environment} at revision {first} and at revision {second}',
    hint: 'a release freezes one revision of each environment: import it at the same one everywhere',
  },
  ARTIFACT_DAMAGED: {
    status: 500,
    message: 'the artifact {artifact} is damaged: {what} is not what was stored',
    hint: 'deploy it from its source again, which uploads what is missing',
  },
  RUN_FENCED: {
    status: 409,
    message: 'the deployment of {target} went to another owner: this one is at epoch {epoch}, and {seen} was seen',
  },
  INSTANCE_NOT_STARTED: { status: 500, message: 'the process of {instance} could not be started: {reason}' },
  INSTANCE_ENDED: {
    status: 422,
    message: 'instance {instance} of {service} did not stay up: {reason}',
    hint: 'what it printed: headgate logs --service {service}',
  },
  INSTANCE_NOT_HEALTHY: {
    status: 422,
    message: 'instance {instance} of {service} was not healthy within {seconds} s: {reason}',
    hint: 'what it printed: headgate logs --service {service}',
  },
  INSTANCES_MISSING: { status: 422, message: '{found} of the {wanted} instances of {service} are there' },
  LAST_HEALTHY_COPY: {
    status: 409,
    message: 'an instance of {service} was not stopped, because no other healthy one has its traffic',
  },
  RELEASE_NOT_SERVING: { status: 409, message: '{release} has no healthy instance of {service} to take the traffic' },
  RELEASE_UNHEALTHY: { status: 422, message: 'instance {instance} of {service} fell ill under traffic: {reason}' },
  RELEASE_FAILED_ITS_LIMITS: { status: 422, message: 'the release broke its limits: {reason}' },
  RELEASE_UNPROVEN: {
    status: 422,
    message: 'there was too little traffic to judge the release by: {reason}',
    hint: 'no data is never a pass: send it traffic, or take `rollback_on` out of headgate.yaml',
  },
  CONFIGURATION_NOT_TAKEN: {
    status: 422,
    message: 'instance {instance} of {service} did not confirm the configuration it was given',
    hint: 'a service with `reload: auto` has to read its settings through the SDK; use `reload: switch` where it does not',
  },
  DEPLOYMENT_ABORTED: { status: 409, message: 'it was asked to go back: {reason}' },
  STEP_BROKE: { status: 500, message: 'a step broke: {reason}' },
  ROUTER_UNREACHABLE: {
    status: 503,
    message: 'the router has not answered for {seconds} s',
    hint: '`headgate serve` starts it again; without a plane: headgate router',
  },
  ROUTER_PORT_TAKEN: {
    status: 503,
    message: 'the router cannot have its port: {reason}',
    hint: 'end the program that listens there, or give the router another port: headgate serve --router-port NUMBER',
  },
  ROUTER_PORT_DIFFERS: {
    status: 409,
    message: '{reason}',
    hint: 'headgate router --stop, with no plane running; services are not reached until it is started again',
  },
  ROUTER_NOT_STARTED: { status: 503, message: 'the router is not there: {reason}', hint: 'more is in its log, {log}' },
  ROUTER_KEPT: {
    status: 409,
    message: 'the router was left running: the plane of this data folder runs (process {pid}) and would start it again at once',
    hint: 'stop the plane first; what is deployed is not reached once the router is stopped too',
  },
  RELEASE_AMBIGUOUS: { status: 409, message: 'more than one release begins with {release}', hint: 'write more of its id' },
  TARGET_NOT_IN_FILE: { status: 400, message: 'headgate.yaml has no {target}; it has {known}' },
  ARTIFACT_MISSING: { status: 400, message: 'no artifact was named for the service {service}' },
  DOMAIN_TAKEN: {
    status: 409,
    message: 'the domain {domain} leads to {service} already',
    hint: 'give this environment another `domain` in headgate.yaml',
  },
  NOTHING_LIVE: { status: 409, message: 'nothing is live at {target}', hint: 'bring a release live: headgate deploy' },
})
