# Dependabot reads this line; it does not read variables.
FROM python:3.13-slim-trixie AS build
WORKDIR /build
RUN python -m venv --without-pip /venv
COPY requirements/runtime.txt .
RUN python -m pip --python /venv/bin/python install --no-cache-dir --no-compile --only-binary :all: --require-hashes -r runtime.txt
COPY tools/image tools/image
RUN /venv/bin/python -B -m tools.image.trim_sdk
# The action itself is a folder of Python. It is copied into the venv, so there is no build tool that has to be trusted.
COPY cognito_action cognito_action
RUN cp -r cognito_action "$(/venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
COPY entrypoint.py post_entrypoint.py /action/
COPY adopt/entrypoint.py /action/adopt/
COPY delete/entrypoint.py /action/delete/
COPY sweep/entrypoint.py /action/sweep/
RUN python -B -X no_debug_ranges -m tools.image.root /root-of-the-image

# Python, the action and the libraries that they need: no shell, no package manager, nothing that installs software.
FROM scratch
COPY --from=build /root-of-the-image /
# No USER: the runner owns the files that a step writes its outputs and state to, so the action has to be root.
ENTRYPOINT ["/action/entrypoint.py"]
