# Runs once, as root, at an instance's first start; the variables are set above it.
export AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=10

# CloudFormation hears of the instance by this; not every image of Amazon Linux 2023 has brought it:
# https://github.com/amazonlinux/amazon-linux-2023/issues/768
[ -x "$signal" ] || dnf install --assumeyes --quiet aws-cfn-bootstrap

install --directory --mode=0755 "$(dirname "$package_path")"
aws s3 cp --only-show-errors --region "$region" "$package_url" "$package_path"
chmod 0755 "$package_path"

# systemd opens the log before it makes any directory of the unit's: https://github.com/systemd/systemd/issues/27591
install --directory --mode=0755 "$(dirname "$log_file")"
systemctl daemon-reload
systemctl enable --now application.service

dnf install --assumeyes --quiet amazon-cloudwatch-agent
/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -m ec2 -a fetch-config -s -c "file:$agent_file"

# The certificate is the application's own, as it is for the load balancer, which does not validate it either.
curl --silent --show-error --output /dev/null --fail --insecure --max-time 5 \
    --retry 60 --retry-delay 2 --retry-max-time 180 --retry-all-errors "$health_url"
