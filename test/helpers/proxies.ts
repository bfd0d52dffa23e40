import type { Daemon } from './daemons.js'

/** nginx, in the foreground and with all its files below its own folder. @param http what its `http` block holds. */
export function nginx(http: (port: number) => string): Daemon {
  return {
    name: 'nginx',
    program: '/usr/sbin/nginx',
    package: 'nginx-light',
    args: (file, dir) => ['-c', file, '-p', dir, '-e', 'stderr'],
    config: (port, dir) => `
daemon off; master_process off; pid ${dir}/pid; error_log stderr error;
events {}
http {
  access_log off; client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy; fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi; scgi_temp_path ${dir}/scgi;
${http(port)}
}`,
  }
}

/** Caddy without its admin interface and certificates. @param sites what follows the global options of a Caddyfile. */
export function caddy(sites: (port: number) => string): Daemon {
  return {
    name: 'caddy',
    program: '/usr/bin/caddy',
    package: 'caddy',
    args: file => ['run', '--config', file, '--adapter', 'caddyfile'],
    config: (port, dir) => `
{
  admin off
  auto_https off
  storage file_system ${dir}/storage
}
${sites(port)}`,
  }
}

/** HAProxy in the foreground. @param sections its frontends and backends. */
export function haproxy(sections: (port: number) => string): Daemon {
  return {
    name: 'haproxy',
    program: '/usr/sbin/haproxy',
    package: 'haproxy',
    args: file => ['-db', '-f', file],
    config: port => `
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
${sections(port)}
`,
  }
}
